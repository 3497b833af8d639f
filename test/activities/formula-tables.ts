/** The tables of `fixtures/make_evaluation_fixtures.py` as SQL, and models that answer with one of their columns. @module */
import { z } from 'zod';
import { putJson } from '../../src/artifacts/json.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import { type Column, columnsOf, type RowSchema } from '../../src/contracts/columns.js';
import type { ModelRef } from '../../src/contracts/refs.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { Graph, type Value } from '../../src/onnx/graph.js';
import { Operators } from '../../src/onnx/operators.js';

/** A row of `flights`. */
export const Flight = z.object({
  hour: z.int(),
  carrier: z.string().nullable(),
  score: z.number(),
  late: z.boolean().nullable(),
  delay: z.number(),
});

/** A row of `weather`. */
export const Weather = z.object({
  temperature: z.number().nullable(),
  wind: z.number(),
  gust: z.number().nullable(),
  carrier: z.string(),
  origin: z.string(),
  snow: z.boolean(),
  score: z.number(),
  late: z.boolean().nullable(),
});

/** Rows `first` to `end` − 1. */
export function flights(first: number, end: number): string {
  return `SELECT (i * 31) % 24 AS hour, ['AA', 'UA', 'DL', 'ZZ', NULL][(i * 17) % 5 + 1] AS carrier,
      k / 1024::DOUBLE AS score,
      CASE WHEN i % 80 = 7 THEN NULL
        ELSE k * 10 + ((i * 29) % 17) * 200 + ((i * 31) % 24) * 100 > 7500 AND (i * 17) % 5 <> 3 END AS late,
      ((i * 104729) % 1009) / 8::DOUBLE - 20 + 30 * k / 1024::DOUBLE AS delay
    FROM (SELECT range AS i, (range * 7919) % 997 AS k FROM range(${first}, ${end})) ORDER BY i`;
}

/** Rows `first` to `end` − 1, of the reference's kind or of a later one; all of `columns` but those left out. */
export function weather(first: number, end: number, later: boolean, without: readonly string[] = []): string {
  const columns: Record<string, string> = {
    temperature: `CASE WHEN i % 50 = 0 THEN NULL ELSE k / 16::DOUBLE + ${later ? 24 : 0} END`,
    wind: `((i * 104729) % 1009) / 32::DOUBLE`,
    gust: `CASE WHEN (i * 37) % 10 < ${later ? 6 : 3} THEN NULL ELSE ((i * 6007) % 991) / 32::DOUBLE END`,
    carrier: `[${later ? `'AA', 'B6', 'B6', 'F9'` : `'AA', 'UA', 'B6', 'AA'`}][(i * 17) % 4 + 1]`,
    origin: `['EWR', 'JFK', 'LGA'][(i * 13) % 3 + 1]`,
    snow: later ? 'false' : '(i * 13) % 4 = 0',
    score: later ? 'least(k + 150, 1000) / 1024::DOUBLE' : 'k / 1024::DOUBLE',
    late: `CASE WHEN i % 60 = 7 THEN NULL ELSE k * 10 + ((i * 29) % 17) * 200 > ${later ? 7000 : 7500} END`,
  };
  const chosen = Object.entries(columns).filter(([name]) => !without.includes(name));
  return `SELECT ${chosen.map(([name, sql]) => `${sql} AS ${name}`).join(', ')}
    FROM (SELECT range AS i, (range * 7919) % 997 AS k FROM range(${first}, ${end})) ORDER BY i`;
}

const tensors = { string: 'string', number: 'float32', integer: 'int64', boolean: 'bool', timestamp: 'int64' } as const;

/** A model that takes columns of a row, all of them FLOAT, STRING or BOOL, and answers with its input `score`, or what `answer` makes of it. */
export async function modelOf<Input extends RowSchema, const Answer extends 'logit' | 'probability' | 'prediction'>(
  store: ArtifactStore,
  row: Input,
  features: readonly (keyof z.output<Input> & string)[],
  answers: readonly Answer[],
  answer: (ops: Operators, score: Value) => Value = (ops, score) => ops.identity(score),
): Promise<ModelRef<z.output<Input>, Record<Answer, number>>> {
  const inputs = columnsOf(row).filter(({ name }) => features.includes(name));
  const outputs: Column[] = answers.map((name) => ({ name, type: 'number', nullable: false }));
  const graph = new Graph();
  const ops = new Operators(graph);
  const fed = Object.fromEntries(
    inputs.map(({ name, type }) => [name, graph.input(name, tensors[type], ['batch', 1])]),
  );
  const score = fed['score'];
  if (!score) throw new Error('the model needs the column score');
  const bytes = encodeModel({ graph, outputs: Object.fromEntries(answers.map((name) => [name, answer(ops, score)])) });
  const manifest = {
    version: 1,
    graph: await store.put(bytes),
    inputs,
    outputs,
    dataset: '0'.repeat(64),
    numerics: {},
  };
  return { ...(await putJson(store, manifest)), kind: 'model', inputs, outputs };
}
