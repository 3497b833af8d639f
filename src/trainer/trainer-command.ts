/** How a trainer process is started: a Node module, a Python script, torchrun, or anything that speaks the protocol. @module */
import { fileURLToPath } from 'node:url';

/** A program that speaks the trainer protocol (docs/trainer-protocol.md). */
export interface TrainerCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Added to the worker's own environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Path of the module or script with the training's code. A stage whose trainer says none cannot be cached. */
  readonly source?: string;
  /** For people: `train-churn.js`. */
  readonly title: string;
  readonly kind: 'trainer';
}

/** A module whose default export is made by `defineTrainer`, in a Node process of its own. */
export function nodeModule(url: URL): TrainerCommand {
  return {
    program: process.execPath,
    args: ['--enable-source-maps', fileURLToPath(new URL('./child-main.js', import.meta.url)), url.href],
    env: {},
    source: fileURLToPath(url),
    kind: 'trainer',
    title: url.pathname.split('/').at(-1) ?? url.href,
  };
}
