/** What the commands of the registry share: a reader without an engine, a registry with one, and words. @module */
import type { ChangeOptions } from '../client/change-entity.js';
import { ModelReader } from '../client/model-reader.js';
import { ModelRegistry } from '../client/model-registry.js';
import type { Change, RegisteredVersion } from '../records/model-heads.js';
import { trustedKeys } from '../records/signing.js';
import { actorWords, authorWords, dateOf } from '../reports/words.js';
import { type ChangeFlags, changeOptions } from './change-flags.js';
import { type ProjectFlags, withSession } from './session.js';
import { openHeads } from './store-session.js';

/** A reader of the project's registry. */
export async function openModels(flags: ProjectFlags): Promise<ModelReader> {
  return new ModelReader(await openHeads(flags));
}

/** Runs `work` with the registry and who asks, and writes what it says, or its result with --json. */
export async function changeModels<Result extends object>(
  flags: ChangeFlags,
  work: (registry: ModelRegistry, options: ChangeOptions) => Promise<readonly [sentence: string, result: Result]>,
): Promise<void> {
  await withSession(flags, async ({ client, project, store }) => {
    const trusted = trustedKeys(project.folder);
    const registry = new ModelRegistry({ client, project: project.project.name, store, trusted });
    const [sentence, result] = await work(registry, changeOptions(flags));
    process.stdout.write(`${flags.json ? JSON.stringify(result) : sentence}\n`);
  });
}

/** `2026-03-01 12:00:00Z by ana (claimed): better by 0.02` */
export function changeWords({ at, by, reason }: Change): string {
  return `${dateOf(at)} by ${actorWords(by)}: ${reason}`;
}

/** `generation 12, signed by key …` */
export function proofWords({ generation, author }: Change): string {
  return `generation ${generation}, ${authorWords(author)}`;
}

/** Aliases and `archived`. */
export function marksOf({ aliases, archived }: Pick<RegisteredVersion, 'aliases' | 'archived'>): string {
  return [...aliases, ...(archived ? ['archived'] : [])].join(', ');
}
