/** The project's own modules: its pipeline contracts and its stage implementations. @module */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import type { PipelineContract } from '../contracts/define-pipeline.js';
import type { ScheduleDefinition } from '../contracts/define-schedule.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { LoadedProject } from './load-project.js';

/** Every pipeline contract that the project's contracts module exports, by name. Throws TY1105 when the module does not load. */
export async function loadPipelines({ modules }: LoadedProject): Promise<ReadonlyMap<string, PipelineContract>> {
  const exported = await importModule(modules.contracts);
  const contracts = exported.filter((value): value is PipelineContract =>
    hasKeys(value, ['name', 'stages', 'approvals']),
  );
  return new Map(contracts.map((contract) => [contract.name, contract]));
}

/** Every schedule that the project's contracts module exports, by name; none where there is no such module. Throws like {@link loadPipelines}. */
export async function loadSchedules({ modules }: LoadedProject): Promise<ReadonlyMap<string, ScheduleDefinition>> {
  const exported = existsSync(modules.contracts) ? await importModule(modules.contracts) : [];
  const schedules = exported.filter((value): value is ScheduleDefinition =>
    hasKeys(value, ['name', 'pipeline', 'terms', 'inputOf']),
  );
  return new Map(schedules.map((schedule) => [schedule.name, schedule]));
}

/** Everything that the project's activities module exports and that looks like a stage implementation. Throws like {@link loadPipelines}. */
export async function loadImplementations<Implementation>({ modules }: LoadedProject): Promise<Implementation[]> {
  const exported = await importModule(modules.activities);
  return exported.filter((value): value is Implementation => hasKeys(value, ['contract', 'code']));
}

async function importModule(file: string): Promise<unknown[]> {
  try {
    return valuesOf((await import(pathToFileURL(file).href)) as Record<string, unknown>);
  } catch (error) {
    throw new TrainyardError('TY1105', `${file} does not load: ${messageOf(error)}`, { cause: error });
  }
}

/** What a module exports, and what the modules export that it exports as namespaces. */
function valuesOf(module: Readonly<Record<string, unknown>>): unknown[] {
  return Object.values(module).flatMap((value) =>
    types.isModuleNamespaceObject(value) ? valuesOf({ ...(value as object) }) : [value],
  );
}

function hasKeys(value: unknown, keys: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && keys.every((key) => key in value);
}
