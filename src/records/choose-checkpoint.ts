/** Which checkpoint an attempt resumes from: the newest good one on the chain, after those that are passed over. @module */
import type { z } from 'zod';
import type { ArtifactStore } from '../artifacts/store.js';
import type { CheckpointMigrations } from '../contracts/define-stage.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { AttemptLog } from './attempt-log.js';
import {
  checkpointChain,
  checkpointFolders,
  type CheckpointManifest,
  type CheckpointPointer,
  readBase,
  readCheckpoint,
  type ReportDamage,
  reportUnusable,
} from './checkpoint-chain.js';
import { baseKey, callFolder, parseToken } from './layout.js';

/** How the contract describes the state of a checkpoint. */
export interface StateContract<State> {
  /** The contract's checkpoint schema. */
  readonly state: z.ZodType<State>;
  /** @default 1 */
  readonly checkpointVersion?: number;
  /** @default none */
  readonly migrations?: CheckpointMigrations;
}

/** What a choice is made with. */
export interface ChoiceOptions<State> extends StateContract<State> {
  readonly store: ArtifactStore;
  readonly stageKey: string;
  readonly token: string;
  /** Stage key of an earlier call, whose newest good checkpoint is taken when this call has none. */
  readonly resumeFrom?: string;
  /** So many of the newest good checkpoints are passed over by the first attempt of its generation that records a base. @default 0 */
  readonly rollBack?: number;
  readonly log: Pick<AttemptLog, 'append'>;
}

/** A checkpoint whose manifest, files and state are good. */
export interface GoodCheckpoint<State> {
  readonly manifest: CheckpointManifest;
  readonly pointer: CheckpointPointer;
  readonly state: State;
}

/**
 * Follows the recorded chain. A damaged checkpoint is reported and skipped; one that fewer than `rollBack` others follow is never
 * taken: then the attempt begins afresh, and so do those that come after it.
 * @throws TrainyardError TY1306, TY1307 for a good checkpoint whose state this contract cannot read: skipping it would lose work.
 */
export async function chooseCheckpoint<State>(
  options: ChoiceOptions<State>,
): Promise<{ readonly chosen: GoodCheckpoint<State> | undefined; readonly passedOver: number }> {
  const { store, stageKey, token, resumeFrom } = options;
  const folder = callFolder('checkpoints', stageKey);
  const earlier = (await checkpointFolders(store, folder)).filter((other) => other.hasBase && other.token < token);
  const { generation } = parseToken(token);
  const hasBegun = earlier.some((other) => parseToken(other.token).generation === generation);
  const rollBack = hasBegun ? 0 : (options.rollBack ?? 0);
  let passedOver = 0;
  for await (const good of goodCheckpoints(options, folder, token)) {
    if (passedOver === rollBack) return { chosen: good, passedOver };
    passedOver++;
  }
  if (resumeFrom === undefined || rollBack > 0 || (await beganAfresh(store, folder, earlier.at(-1)?.token)))
    return { chosen: undefined, passedOver };
  for await (const chosen of goodCheckpoints(options, callFolder('checkpoints', resumeFrom)))
    return { chosen, passedOver };
  return { chosen: undefined, passedOver };
}

async function* goodCheckpoints<State>(
  options: ChoiceOptions<State>,
  folder: string,
  below?: string,
): AsyncGenerator<GoodCheckpoint<State>, void, undefined> {
  const { store, log } = options;
  const report: ReportDamage = (key, reason) => log.append({ event: 'damaged', key, reason });
  for await (const link of checkpointChain(store, folder, { below, report })) {
    let read: Awaited<ReturnType<typeof readCheckpoint>>;
    try {
      read = await readCheckpoint(store, link);
    } catch (error) {
      await reportUnusable(error, link.key, report);
      continue;
    }
    yield { ...read, state: stateOf(read.manifest, link.key, options) };
  }
}

/** Whether the newest attempt recorded that it starts from nothing: what another call has is not for those after it. */
async function beganAfresh(store: ArtifactStore, folder: string, token: string | undefined): Promise<boolean> {
  if (token === undefined) return false;
  const base = await readBase(store, baseKey(folder, token), () => Promise.resolve());
  return base?.checkpoint === null;
}

function stateOf<State>(manifest: CheckpointManifest, key: string, contract: StateContract<State>): State {
  const { checkpointVersion: version = 1, migrations = {} } = contract;
  const saved = manifest.checkpointVersion ?? 1;
  const what = `the state of checkpoint ${key} has version ${saved}`;
  if (saved > version)
    throw new TrainyardError('TY1306', `${what}, this worker's contract knows it up to version ${version}`);
  let state: unknown = manifest.state;
  for (let from = saved; from < version; from++) {
    const migrate = migrations[from];
    if (migrate === undefined)
      throw new TrainyardError('TY1307', `${what}, the contract ${version} and no migration from ${from}`);
    try {
      state = migrate(state);
    } catch (cause) {
      throw new TrainyardError('TY1307', `${what}, and the migration from ${from} failed: ${messageOf(cause)}`, {
        cause,
      });
    }
  }
  const parsed = contract.state.safeParse(state);
  if (parsed.success) return parsed.data;
  const how = saved === version ? 'and is' : `migrated to ${version} it is`;
  throw new TrainyardError('TY1307', `${what}, ${how} not what the contract describes: ${parsed.error.message}`);
}
