/** Requests as rows of the log: the columns that the policy names, and no other. @module */
import type { LogPolicy } from '../contracts/endpoints.js';
import type { ListenedRow, LoggedRow } from '../records/log-tables.js';
import { numbersIn, type Tensor, type Tensors } from './tensors.js';

/** Rows of one request that are written down at most. */
const mostRows = 100;

/** Parts of a vector that are written down as columns of their own. */
const mostParts = 16;

/** What a revision makes of a request. */
export interface Outputs {
  /** The request's. */
  readonly id: string;
  readonly revision: number;
  /** Whether the first axis counts rows. */
  readonly batchable: boolean;
  readonly outputs: Tensors;
}

/** What is known of a request that was answered. */
export interface AnsweredRequest extends Outputs {
  readonly generation: number;
  readonly latencyMs: number;
  readonly inputs: Tensors;
}

/** The rows of a request. An input that has several values a row is left out. */
export function loggedRows(policy: LogPolicy, request: AnsweredRequest): LoggedRow[] {
  const { generation, latencyMs } = request;
  const all = rowsOf(request);
  const inputs = policy.columns.flatMap((name) => {
    const tensor = request.inputs[name];
    const values = tensor && valuesOf(tensor);
    return values?.length === all ? [[name, values] as const] : [];
  });
  return listenedRows(request).map((answered, row) => ({
    ...answered,
    generation,
    latencyMs,
    inputs: Object.fromEntries(inputs.map(([name, values]) => [name, values[row] ?? null])),
  }));
}

/** The same rows of a revision that listens: their ids are those of the rows that were answered. */
export function listenedRows(request: Outputs): ListenedRow[] {
  const { id, revision } = request;
  const all = rowsOf(request);
  const outputs = Object.entries(request.outputs).flatMap(([name, tensor]) => parts(name, tensor, all));
  const atMs = Date.now();
  return Array.from({ length: Math.min(all, mostRows) }, (_, row) => ({
    id: all === 1 ? id : `${id}/${row}`,
    atMs,
    revision,
    outputs: Object.fromEntries(outputs.map(({ name, values, of, at }) => [name, finite(values[row * of + at])])),
  }));
}

function rowsOf({ batchable, outputs }: Outputs): number {
  const [output] = Object.values(outputs);
  return batchable ? (output?.shape[0] ?? 1) : 1;
}

function parts(name: string, tensor: Tensor, rows: number) {
  const numbers = numbersIn(tensor);
  if (numbers === undefined) return [];
  const values = Array.from(numbers);
  const of = values.length / rows;
  if (!Number.isInteger(of) || of > mostParts) return [];
  return Array.from({ length: of }, (_, at) => ({ name: of === 1 ? name : `${name}_${at}`, values, of, at }));
}

function valuesOf(tensor: Tensor): (number | string | boolean | null)[] {
  const { datatype, data } = tensor;
  if (!(data instanceof Uint8Array)) return [...data];
  if (datatype === 'BOOL') return Array.from(data, (value) => value !== 0);
  return Array.from(numbersIn(tensor) ?? [], finite);
}

/** JSON has neither NaN nor infinities; NaN is a missing value. */
function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
