/** A case on one engine, as the sequences of its histories. @module */
import { messageOf } from '../../src/contracts/errors.js';
import type { TestEngine } from '../support/engine.js';
import type { Case } from './case.js';
import { eventSequence } from './event-sequence.js';
import { withStand } from './stand.js';

/** By the name that the case gives a history. */
export type Sequences = Readonly<Record<string, readonly string[]>>;

/** A failed case is a sequence, too: it is the same nowhere. */
export async function recordCase(one: Case, engine: TestEngine): Promise<Sequences> {
  try {
    return await withStand(engine, async (stand) => {
      const handles = Object.entries(await one.histories(stand));
      const sequences = handles.map(async ([name, handle]) => [name, await eventSequence(handle)] as const);
      return Object.fromEntries(await Promise.all(sequences));
    });
  } catch (error) {
    return { [`failed on ${engine.engine.source}`]: [messageOf(error)] };
  }
}
