import assert from 'node:assert/strict';
import { Command } from 'commander';
import { z } from 'zod';
import { addInputFlags, inputFromFlags } from '../../src/cli/flags.js';

const schema = z.object({
  source: z.string().describe('where the rows are'),
  epochs: z.int().positive().default(20),
  rate: z.number().optional(),
  shuffle: z.boolean().default(true),
  optimiser: z.enum(['adam', 'sgd']).default('adam'),
  layers: z.array(z.int()).default([64]),
  split: z.object({ test: z.number(), by: z.string().default('time') }).optional(),
});

/** What the flags give, as they are typed. */
function typed(...args: string[]): Record<string, unknown> {
  const command = new Command('run').exitOverride();
  addInputFlags(command, schema);
  command.parse(args, { from: 'user' });
  return inputFromFlags(schema, command.opts());
}

describe('flags of an input', () => {
  it('have the types of the schema', () => {
    const input = typed(
      ...['--input.source', 'a.csv', '--input.epochs=3', '--input.rate', '1e-3', '--input.shuffle', 'false'],
      ...['--input.optimiser', 'sgd', '--input.layers', '[32,16]', '--input.split.test', '0.2'],
    );
    assert.deepEqual(input, {
      source: 'a.csv',
      epochs: 3,
      rate: 0.001,
      shuffle: false,
      optimiser: 'sgd',
      layers: [32, 16],
      split: { test: 0.2 },
    });
    assert.equal(schema.parse(input).split?.by, 'time');
  });

  it('stand on top of the whole input as JSON', () => {
    const whole = '{"source":"a.csv","split":{"test":0.1,"by":"key"}}';
    assert.deepEqual(typed('--input', whole, '--input.split.test', '0.3'), {
      source: 'a.csv',
      split: { test: 0.3, by: 'key' },
    });
  });

  it('leave a value of the wrong type as it was typed, for the schema to refuse with its path', () => {
    assert.deepEqual(typed('--input.epochs', 'many', '--input.shuffle', 'perhaps'), {
      epochs: 'many',
      shuffle: 'perhaps',
    });
  });

  it('refuse JSON that is none, and JSON that is no object', () => {
    assert.throws(() => typed('--input.layers', '[32'), { code: 'TY1907', message: /--input\.layers is not JSON/ });
    assert.throws(() => typed('--input', '[]'), { code: 'TY1907', message: /--input is not a JSON object/ });
  });

  it('are described by the schema', () => {
    const command = new Command('run');
    addInputFlags(command, schema);
    const help = command.helpInformation();
    assert.match(help, /--input\.source <string> +where the rows are \(required\)/);
    assert.match(help, /--input\.epochs <integer> +\(default: 20\)/);
    assert.match(help, /--input\.optimiser <adam\|sgd>/);
    assert.match(help, /--input\.layers <json>/);
    assert.match(help, /--input\.split\.test <number>/);
  });
});
