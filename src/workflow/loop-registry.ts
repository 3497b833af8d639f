/** The registry as a loop keeps it: each challenger a version, `challenger` the newest, `champion` what serves. @module */
import type { Candidate, Comparison, LoopRound } from '../contracts/loop-rounds.js';
import type { ModelVersion } from '../contracts/model-version.js';
import { DatasetRef } from '../contracts/refs.js';
import { z } from 'zod';
import { registerModel, rollBackAlias, setAlias } from './models.js';
import { refusalIn } from './refused-change.js';

/** A candidate that has its version; where the loop keeps no registry, as it was. */
export async function registered(
  round: LoopRound,
  candidate: Candidate,
  data: unknown,
  comparison: Comparison | undefined,
): Promise<Candidate> {
  if (round.model === undefined) return candidate;
  const { model, metrics } = candidate;
  const compared = comparison && {
    [comparison.metric]: comparison.challenger,
    ...Object.fromEntries(Object.entries(comparison.others).map(([name, { challenger }]) => [name, challenger])),
  };
  const { report, latencyMs } = comparison ?? {};
  const details = {
    model,
    metrics: { ...metrics, ...compared },
    datasets: datasetsOf(data),
    tags: { loop: round.loop, round: String(round.round) },
    ...(report && { report }),
    ...(latencyMs && { latencyMs: { p50: latencyMs.challenger } satisfies ModelVersion['latencyMs'] }),
  };
  const version = await registerModel(round.model, details, asked(round, candidate, 'registers'));
  await setAlias(round.model, 'challenger', version, asked(round, candidate, 'challenges'));
  return { ...candidate, version };
}

/** Makes a candidate the champion; gives why the registry refuses that, where it does. */
export async function crown(
  { model, ...round }: LoopRound,
  candidate: Candidate,
  decision: string | undefined,
): Promise<string | undefined> {
  const { version } = candidate;
  if (model === undefined || version === undefined) return undefined;
  const options = { ...asked(round, candidate, 'crowns'), ...(decision !== undefined && { decision }) };
  return refused(() => setAlias(model, 'champion', version, options));
}

/** Gives the alias back to the version before, where it is still at this one. */
export async function uncrown({ model, ...round }: LoopRound, champion: Candidate): Promise<void> {
  const { version: from } = champion;
  if (model === undefined || from === undefined) return;
  await refused(() => rollBackAlias(model, 'champion', { ...asked(round, champion, 'uncrowns'), from }));
}

/** Who asks, why, and an id that a reset of the round does not change while it made the same model. */
export function asked({ loop, round }: Pick<LoopRound, 'loop' | 'round'>, { model }: Candidate, verb: string) {
  const requestId = `${idOf({ loop, round }, model)}-${verb}`;
  return { by: `loop ${loop}`, reason: `round ${round} of the loop ${loop} ${verb} it`, requestId };
}

/** Of a round's rollout: the same for the same model of the same round. */
export function idOf({ loop, round }: Pick<LoopRound, 'loop' | 'round'>, { sha256 }: { readonly sha256: string }) {
  const name = loop.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 40);
  return `${name}-${String(round).padStart(6, '0')}-${sha256.slice(0, 8)}`;
}

async function refused(change: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await change();
    return undefined;
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal === undefined) throw error;
    return `${refusal.what} [${refusal.code}]`;
  }
}

const anyDataset = DatasetRef.of(z.object({}));

/** What the steps of a round share is most often the dataset that they read, or an object that has it. */
function datasetsOf(data: unknown): Record<string, DatasetRef> {
  const inner = typeof data === 'object' && data !== null && 'dataset' in data ? data.dataset : data;
  const found = anyDataset.safeParse(inner);
  return found.success ? { train: found.data } : {};
}
