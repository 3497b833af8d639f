/** The values of the secrets that a stage names: known to the worker that runs it, to nobody else. @module */
import type { Project } from '../contracts/define-project.js';
import type { StageContract } from '../contracts/define-stage.js';
import { TrainyardError } from '../contracts/errors.js';

/** Environment variables of the project's secrets that the stage does not name: its trainer's process does not get them. */
export function withheldVariables(contract: StageContract, project: Pick<Project, 'secrets'>): string[] {
  const named = new Set<string>(contract.secrets);
  const variables = Object.entries(project.secrets ?? {}).map(([name, { name: variable = name }]) => ({
    name,
    variable,
  }));
  const kept = new Set(variables.flatMap(({ name, variable }) => (named.has(name) ? [variable] : [])));
  return variables.map(({ variable }) => variable).filter((variable) => !kept.has(variable));
}

/** Values by name; throws TY1109 for one that this worker lacks. */
export function resolveSecrets(contract: StageContract, project: Pick<Project, 'secrets'>): Record<string, string> {
  return Object.fromEntries(
    contract.secrets.map((name) => {
      const variable = project.secrets?.[name]?.name ?? name;
      const value = process.env[variable];
      if (value === undefined)
        throw new TrainyardError(
          'TY1109',
          `stage ${contract.name} needs the secret ${name}, and ${variable} is not set`,
        );
      return [name, value];
    }),
  );
}
