/** A fault: what is broken, how often, and what must hold afterwards. @module */
import type { Lab, LabSettings } from './lab.js';
import type { Random } from './random.js';

/** What one trial works with. */
export interface Trial {
  /** 0, 1, … */
  readonly index: number;
  readonly random: Random;
  /** Trials that run at the same time have different slots, from 0 on. */
  readonly slot: number;
  /** The project with its engine, started when the first trial asks for it. */
  readonly lab: () => Promise<Lab>;
  /** A folder that is empty when the trial begins. */
  readonly folder: string;
}

/** A file `NN-name.ts` exports one. */
export interface Fault {
  /** As in the list of docs/reliability.md. */
  readonly number: number;
  readonly name: string;
  /** Trials of a full run, and of the one that belongs to the tests; 0: it takes too long for them, or they have it already. */
  readonly trials: number;
  readonly quick: number;
  /** How many trials run at the same time. @default 1 */
  readonly atOnce?: number;
  /** What is unusual about the project of its trials; without it they share that of the other faults. */
  readonly settings?: LabSettings;
  /** Why it cannot be tried on this machine; undefined where it can. */
  readonly missing?: () => Promise<string | undefined> | string | undefined;
  /** Breaks something, sees that the run survives it, and throws what went wrong. */
  readonly try: (trial: Trial) => Promise<void>;
}
