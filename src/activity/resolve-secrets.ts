/** The values of secrets: known to the worker that needs them, to nobody else. @module */
import type { Project } from '../contracts/define-project.js';
import type { StageContract } from '../contracts/define-stage.js';
import { TrainyardError } from '../contracts/errors.js';

type Secrets = Pick<Project, 'secrets'>;

/** Environment variables of the project's secrets that the stage does not name: its trainer's process does not get them. */
export function withheldVariables(contract: StageContract, project: Secrets): string[] {
  const given = new Set(contract.secrets.map((name) => variableOf(project, name)));
  const all = Object.keys(project.secrets ?? {}).map((name) => variableOf(project, name));
  return all.filter((variable) => !given.has(variable));
}

/** Values by name; throws TY1109 for one that this worker lacks. */
export function resolveSecrets(contract: StageContract, project: Secrets): Record<string, string> {
  const needed = contract.secrets.map((name) => [name, secretValue(name, project, `stage ${contract.name}`)] as const);
  return Object.fromEntries(needed);
}

/** The value of one secret; throws TY1109 where this worker lacks it. */
export function secretValue(name: string, project: Secrets, needer: string): string {
  const variable = variableOf(project, name);
  const value = process.env[variable];
  if (value === undefined)
    throw new TrainyardError('TY1109', `${needer} needs the secret ${name}, and ${variable} is not set`);
  return value;
}

function variableOf({ secrets }: Secrets, name: string): string {
  return secrets?.[name]?.name ?? name;
}
