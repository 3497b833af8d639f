/** An ONNX Runtime session in the current thread: what it takes and gives, warmed up, timed. @module */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { withoutTelemetry } from '../onnx/without-telemetry.js';
import type { ModelSignature } from './infer-messages.js';
import {
  bigIntsOf,
  type Datatype,
  datatypes,
  elementCount,
  numbersOf,
  type Tensor,
  type Tensors,
  type TensorSpec,
} from './tensors.js';

/** What a warm-up finds out: milliseconds of a run with one row, and with the largest batch. */
export interface WarmUp {
  readonly signature: ModelSignature;
  readonly oneRowMs: number;
  readonly fullBatchMs: number;
}

/** Told how long ONNX Runtime itself took for a run, milliseconds: without queues and hops between threads. */
export type OnExecution = (ms: number) => void;

/** An open model, in this thread or in another. */
export interface Session {
  readonly warmUp: WarmUp;
  /** One run; the inputs' buffers may be gone afterwards. */
  run(inputs: Tensors, onExecution?: OnExecution): Promise<Tensors>;
  close(): Promise<void>;
}

/** ONNX Runtime's log level: what fails is thrown too, and told by whoever catches it. */
const fatal = 4;

/**
 * Opens a session over a graph's file, runs it with one row and with `maxBatch` rows of zeros, and keeps the times.
 * @param threads threads within a run; 0 lets ONNX Runtime choose.
 */
export async function openSession(
  graph: string,
  options: { readonly maxBatch: number; readonly threads: number },
): Promise<Session> {
  withoutTelemetry();
  const session = await InferenceSession.create(graph, {
    intraOpNumThreads: options.threads,
    logSeverityLevel: fatal,
    // A spinning thread takes a core from the event loop. No set_denormal_as_zero, which would change this thread's arithmetic.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const run = async (inputs: Tensors, onExecution?: OnExecution) => {
    const feeds = toOrt(inputs);
    const start = performance.now();
    const outputs = await session.run(feeds, { logSeverityLevel: fatal });
    onExecution?.(performance.now() - start);
    return fromOrt(outputs);
  };
  const close = () => session.release();
  try {
    const warmUp = await warm(run, session, options.maxBatch);
    return { warmUp, run, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function warm(
  run: (inputs: Tensors) => Promise<Tensors>,
  session: InferenceSession,
  maxBatch: number,
): Promise<WarmUp> {
  const inputs = session.inputMetadata.map(specOf);
  const outputs = session.outputMetadata.map(specOf);
  const one = await bestOfThree(run, inputs, 1);
  const free = [...inputs, ...outputs].every(({ shape }) => shape[0] === -1);
  const full = free ? await bestOfThree(run, inputs, maxBatch) : one;
  const batchable = free && Object.values(full.outputs).every(({ shape }) => shape[0] === maxBatch);
  return { signature: { inputs, outputs, batchable }, oneRowMs: one.ms, fullBatchMs: full.ms };
}

async function bestOfThree(run: (inputs: Tensors) => Promise<Tensors>, specs: readonly TensorSpec[], rows: number) {
  const inputs = Object.fromEntries(specs.map((spec) => [spec.name, zeros(spec, rows)]));
  let outputs: Tensors = {};
  let ms = Infinity;
  for (let time = 0; time < 3; time++) {
    const start = performance.now();
    outputs = await run(inputs);
    ms = Math.min(ms, performance.now() - start);
  }
  return { outputs, ms };
}

function zeros({ datatype, shape: declared }: TensorSpec, rows: number): Tensor {
  const shape = declared.map((size, axis) => (size !== -1 ? size : axis === 0 ? rows : 1));
  const count = elementCount(shape);
  const data = datatype === 'BYTES' ? Array<string>(count).fill('') : new Uint8Array(count * datatypes[datatype].size);
  return { datatype, shape, data };
}

const byOrtType = new Map<string, Datatype>(
  Object.entries(datatypes).map(([name, { ort }]) => [ort, name as Datatype]), // keys of that very table
);

function datatypeOf(name: string, type: string): Datatype {
  const datatype = byOrtType.get(type);
  if (datatype === undefined) throw new Error(`${name} has the type ${type}, which the protocol lacks`);
  return datatype;
}

function specOf(metadata: InferenceSession.ValueMetadata): TensorSpec {
  if (!metadata.isTensor) throw new Error(`${metadata.name} is not a tensor`);
  const shape = metadata.shape.map((size) => (typeof size === 'number' ? size : -1));
  return { name: metadata.name, datatype: datatypeOf(metadata.name, metadata.type), shape };
}

function toOrt(inputs: Tensors): Record<string, OrtTensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { datatype, shape, data }]) => [
      name,
      new OrtTensor(datatypes[datatype].ort, data instanceof Uint8Array ? viewOf(datatype, data) : data, shape),
    ]),
  );
}

function viewOf(datatype: Datatype, bytes: Uint8Array<ArrayBuffer>) {
  if (datatype === 'INT64' || datatype === 'UINT64') return bigIntsOf(datatype, bytes);
  return datatype === 'BYTES' ? bytes : numbersOf(datatype, bytes);
}

function fromOrt(outputs: InferenceSession.OnnxValueMapType): Tensors {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { type, dims, data }]) => [
      name,
      { datatype: datatypeOf(name, type), shape: dims, data: Array.isArray(data) ? data : bytesOf(data) },
    ]),
  );
}

function bytesOf(data: Exclude<OrtTensor.DataType, string[]>): Uint8Array<ArrayBuffer> {
  // ONNX Runtime never allocates shared memory.
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}
