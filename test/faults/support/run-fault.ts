/** Runs the trials of a fault, as many at once as it allows, and counts those that were survived. @module */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../../src/contracts/errors.js';
import { assertSettled } from './expect.js';
import type { Fault } from './fault.js';
import { type Lab, type LabSettings, openLab } from './lab.js';
import { randomOf } from './random.js';
import { MissedMoment } from './trainers.js';

/** What came of a fault. */
export interface FaultResult {
  readonly fault: number;
  readonly name: string;
  readonly trials: number;
  readonly survived: number;
  readonly seconds: number;
  readonly failures: readonly TrialFailure[];
}

/** A trial that was not survived. */
export interface TrialFailure {
  readonly trial: number;
  readonly what: string;
}

/** What to run. */
export interface FaultRun {
  readonly seed: number;
  /** Numbers of the trials. */
  readonly trials: readonly number[];
  /** Leaves the folders of a project in which something failed. */
  readonly keep?: boolean;
  readonly onFailure?: (failure: TrialFailure) => void;
}

/** A project that trials share: started by the first trial that needs it, given up when something failed in it. */
export class SharedLab {
  #lab: Promise<Lab> | undefined;

  constructor(private readonly settings?: LabSettings) {}

  readonly get = (): Promise<Lab> => (this.#lab ??= openLab(this.settings));

  get opened(): Promise<Lab> | undefined {
    return this.#lab;
  }

  async close({ keep = false, failed = false } = {}): Promise<void> {
    const lab = this.#lab;
    this.#lab = undefined;
    await (await lab)?.close({ keep, failed });
  }
}

/** Runs the trials in groups of {@link Fault.atOnce}; after each group nothing may be left behind. */
export async function runFault(fault: Fault, usual: SharedLab, run: FaultRun): Promise<FaultResult> {
  const { seed, trials, keep = false, onFailure = () => undefined } = run;
  const { number, name, atOnce = 1, settings } = fault;
  const shared = settings === undefined ? usual : new SharedLab(settings);
  const startedAt = performance.now();
  const failures: TrialFailure[] = [];
  const fail = (trial: number, error: unknown) => {
    const failure = { trial, what: messageOf(error) };
    failures.push(failure);
    onFailure(failure);
  };
  for (let at = 0; at < trials.length; at += atOnce) {
    const group = trials.slice(at, at + atOnce);
    const before = failures.length;
    await Promise.all(
      group.map(async (index, slot) => {
        const folder = await mkdtemp(join(tmpdir(), 'ty-trial-'));
        try {
          const random = randomOf(seed, number, index);
          await inTime(() => fault.try({ index, slot, random, lab: shared.get, folder }));
        } catch (error) {
          fail(index, error);
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      }),
    );
    const lab = await shared.opened?.catch(() => undefined);
    if (lab === undefined) continue;
    // Where something failed, what is left tells nothing new; where all went well, it fails the whole group.
    if (failures.length === before)
      await assertSettled(lab).catch((error: unknown) => {
        for (const index of group) fail(index, error);
      });
    if (failures.length > before) await shared.close({ keep, failed: true });
  }
  if (shared !== usual) await shared.close();
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const survived = trials.length - new Set(failures.map(({ trial }) => trial)).size;
  return { fault: number, name, trials: trials.length, survived, seconds, failures };
}

/** Makes a trial anew whose moment was missed. */
async function inTime(work: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof MissedMoment) || tries === mostTries) throw error;
    }
  }
}

const mostTries = 5;
