/** What checkpoints of 200 MB cost a training that goes on while they are stored. @module */
import { implementStage } from '../src/activity/implement-stage.js';
import { runStage } from '../src/testing/run-stage.js';
import { type Measurement, median } from './measurement.js';
import { large } from './project/contracts.js';

const pairs = 15;
const stepsPerSpan = 10;

/**
 * A trainer in a process of its own and this process as its worker, on one machine and disk. Spans of equally many steps with
 * and without a checkpoint follow each other, and the store has it before the span ends: the difference is all that a checkpoint costs,
 * the worker's processor time included. At one a minute that difference is a share of 60 s. The bar: 1 %.
 */
export async function benchBackgroundCheckpoints(): Promise<Measurement[]> {
  const implementation = implementStage(large).inChild(new URL('./project/train-large.js', import.meta.url));
  const { output } = await runStage(implementation, { input: { pairs, stepsPerSpan } });
  const stoodStillMs = median(output.pairs.map(({ waited }) => waited));
  const addedMs = median(output.pairs.map((pair) => pair.with - pair.without));
  const size = `${Math.round(output.stateBytes / 1e6)} MB`;
  return [
    {
      name: `training without a checkpoint, ${stepsPerSpan} steps`,
      value: medianOf(output.pairs, 'without'),
      unit: 'ms',
    },
    { name: `the same with one of ${size}, to its durable end`, value: medianOf(output.pairs, 'with'), unit: 'ms' },
    { name: 'of which the training stood still', value: stoodStillMs, unit: 'ms' },
    { name: 'added by a checkpoint (median of pairs)', value: addedMs, unit: 'ms' },
    { name: 'at one a minute: added ÷ 60 s', value: addedMs / 600, unit: '% of the time' },
  ];
}

function medianOf<Key extends string>(rows: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return median(rows.map((row) => row[key]));
}
