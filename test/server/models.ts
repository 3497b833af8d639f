/** The fixture models, and what to ask them. @module */
import { readFile } from 'node:fs/promises';
import { putJson } from '../../src/artifacts/json.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import type { Ref } from '../../src/contracts/refs.js';

/** The fixtures lie beside the TypeScript sources; compiled tests run from dist/. */
export const fixtures = new URL('../../../test/server/fixtures/', import.meta.url);

/** What ONNX Runtime in Python answered for the tabular fixtures. */
export const expected = JSON.parse(await readFile(new URL('expected.json', fixtures), 'utf8')) as {
  readonly rows: readonly {
    readonly carrier: string | null;
    readonly distance: number | null;
    readonly hour: number;
  }[];
  readonly late: Readonly<Record<'tabular-1' | 'tabular-2', readonly number[]>>;
};

/** Inputs of the tabular fixtures in JSON, for some of the rows. */
export function tabularInputs(rows = expected.rows) {
  const column = (name: 'carrier' | 'distance' | 'hour', datatype: string) => ({
    name,
    datatype,
    shape: [rows.length, 1],
    data: rows.map((row) => row[name]),
  });
  return [column('carrier', 'BYTES'), column('distance', 'FP32'), column('hour', 'INT64')];
}

/** Puts a fixture's graph, or any bytes, as a model. */
export async function modelOf(store: ArtifactStore, graphOrName: string | Uint8Array): Promise<Ref> {
  const bytes =
    typeof graphOrName === 'string' ? await readFile(new URL(`${graphOrName}.onnx`, fixtures)) : graphOrName;
  const graph = await store.put(new Uint8Array(bytes));
  return putJson(store, { version: 1, graph, inputs: [], outputs: [], dataset: '0'.repeat(64), numerics: {} });
}
