/** What the commands of the registry share: a reader without an engine, a registry with one, and words. @module */
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { ChangeOptions } from '../client/change-entity.js';
import { ModelReader } from '../client/model-reader.js';
import { ModelRegistry } from '../client/model-registry.js';
import type { Change, RegisteredVersion } from '../records/model-heads.js';
import { trustedKeys } from '../records/signing.js';
import { actorWords, authorWords, dateOf } from '../reports/words.js';
import { type ProjectFlags, withProjectFlags, withSession } from './session.js';
import { openHeads } from './store-session.js';

/** Options of each command that reads. */
export interface ReadFlags extends ProjectFlags {
  readonly json?: boolean;
}

/** Adds {@link ReadFlags}. */
export function withReadFlags(command: Command): Command {
  return withProjectFlags(command).option('--json', 'JSON on stdout');
}

/** Options of each command that changes. */
export interface ChangeFlags extends ReadFlags {
  readonly reason: string;
  readonly by?: string;
  readonly requestId?: string;
  readonly decision?: string;
}

/** Adds {@link ChangeFlags}. */
export function withChangeFlags(command: Command): Command {
  return withReadFlags(command)
    .requiredOption('--reason <text>', 'kept with the change')
    .option('--by <name>', 'who asks; default: the user of this machine')
    .option('--request-id <id>', 'the same id twice is one change')
    .option('--decision <binding>', 'the decision that allows it, where the project asks for one');
}

/** A reader of the project's registry. */
export async function openModels(flags: ProjectFlags): Promise<ModelReader> {
  return new ModelReader(await openHeads(flags));
}

/** Runs `work` with the registry and who asks, and writes what it says, or its result with --json. */
export async function changeModels<Result extends object>(
  flags: ChangeFlags,
  work: (registry: ModelRegistry, options: ChangeOptions) => Promise<readonly [sentence: string, result: Result]>,
): Promise<void> {
  const { by = userInfo().username, reason, requestId, decision } = flags;
  await withSession(flags, async ({ client, project, store }) => {
    const trusted = trustedKeys(project.folder);
    const registry = new ModelRegistry({ client, project: project.project.name, store, trusted });
    const options: ChangeOptions = {
      by,
      reason,
      ...(requestId !== undefined && { requestId }),
      ...(decision !== undefined && { decision }),
    };
    const [sentence, result] = await work(registry, options);
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
