/** The rules of a counter: the smallest entity there is. @module */
import { z } from 'zod';
import type { EntityContract } from '../../src/contracts/entities.js';
import { TrainyardError } from '../../src/contracts/errors.js';

interface Count {
  readonly value: number;
}

export const counters: EntityContract<Count, { readonly add: number }, number> = {
  kind: 'counters',
  state: z.object({ value: z.number() }),
  change: z.object({ add: z.number() }),
  result: z.number(),
  initial: { value: 0 },
  apply({ value }, { add }) {
    if (value + add < 0) throw new TrainyardError('TY1003', `${value} - ${-add} is below zero`);
    return { state: { value: value + add }, result: value + add };
  },
};
