/**
 * Serving the MLP 784-256-128-10 in JSON to 16 and 64 clients, against a tuned FastAPI + ONNX Runtime on the same cores.
 * The peer's venv is made by hand (see peers/fastapi_server.py): `TRAINYARD_BENCH_PYTHON=VENV/bin/python`.
 * @module
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encodeModel } from '../src/onnx/encode.js';
import { Graph, type Value } from '../src/onnx/graph.js';
import { Operators } from '../src/onnx/operators.js';
import { cpuMsOfTree } from './cpu-time.js';
import { freePort } from './free-port.js';
import { median } from './measurement.js';

/** One line of the bench's table. */
export interface ServingMeasurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: number;
  /** How many times better ours is than the peer's: 3 is the bar. */
  readonly ratio: number;
}

/** What one server did in one round. */
export interface Load {
  readonly perSecond: number;
  /** CPU of the server and its workers for each request: what a busy machine distorts least. */
  readonly cpuUs: number;
  /** What the server wrote when it ended. */
  readonly lastWords: string;
}

/** Ours and the peer's, measured one after the other. */
type Pair = readonly [ours: Load, peer: Load];

const rounds = 3;
const seconds = 4;
/** One worker leaves the peer a core beside the load generator's; two are as fast where cores are two. The better one counts. */
const peerWorkers = [1, 2];
const path = '/v2/models/mlp/infer';
/** The peer as one writes it, which is the bar; and its lower bound without validation. */
const peers = { fastapi: path, 'fastapi-unchecked': `${path}-unchecked` };

/** Requests a second and CPU for each, of ours and of the peers in turn: medians of three rounds. */
export async function benchServing(python: string): Promise<ServingMeasurement[]> {
  return withMlp(async ({ model, body }) => {
    const results: ServingMeasurement[] = [];
    for (const clients of [16, 64])
      for (const [name, peerPath] of Object.entries(peers)) {
        const pairs = new Map(peerWorkers.map((workers) => [workers, [] as Pair[]]));
        for (let round = 0; round < rounds; round++) {
          const ours = await underLoad(startOurs(model), { body, clients, path });
          for (const [workers, list] of pairs)
            list.push([ours, await underLoad(startPeer(python, model, workers), { body, clients, path: peerPath })]);
        }
        const fastest = [...pairs.values()].reduce((best, list) => (peerRate(list) > peerRate(best) ? list : best));
        results.push(...comparison(`serving.json.${clients}-clients.${name}`, fastest));
      }
    return results;
  });
}

/** Does something with the MLP's file, the file of a request to it, and the folder of both, which is gone afterwards. */
export async function withMlp<Result>(
  work: (files: { readonly folder: string; readonly model: string; readonly body: string }) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-bench-'));
  try {
    const files = { folder, model: join(folder, 'mlp.onnx'), body: join(folder, 'body.json') };
    await writeFile(files.model, mlp([784, 256, 128, 10]));
    await writeFile(files.body, requestBody());
    return await work(files);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function peerRate(pairs: readonly Pair[]): number {
  return median(pairs.map(([, peer]) => peer.perSecond));
}

function comparison(name: string, pairs: readonly Pair[]): ServingMeasurement[] {
  const of = (read: (pair: Pair) => number) => median(pairs.map(read));
  return [
    {
      name,
      value: of(([ours]) => ours.perSecond),
      unit: 'requests/s',
      peer: peerRate(pairs),
      ratio: of(([ours, peer]) => ours.perSecond / peer.perSecond),
    },
    {
      name: `${name}.cpu`,
      value: of(([ours]) => ours.cpuUs),
      unit: 'µs/request',
      peer: of(([, peer]) => peer.cpuUs),
      ratio: of(([ours, peer]) => peer.cpuUs / ours.cpuUs),
    },
  ];
}

interface Started {
  readonly process: ChildProcess;
  readonly port: number;
}

/** Loads a server that is being started, and ends it. */
export async function underLoad(
  starting: Promise<Started>,
  { body, clients, path }: { readonly body: string; readonly clients: number; readonly path: string },
): Promise<Load> {
  const { process: server, port } = await starting;
  try {
    await ready(port);
    const script = fileURLToPath(new URL('load-generator.js', import.meta.url));
    const args = [script, String(port), path, String(clients), String(seconds), body];
    const before = cpuMsOfTree(server.pid ?? NaN);
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const cpuMs = cpuMsOfTree(server.pid ?? NaN) - before;
    const { perSecond, requests } = JSON.parse(stdout) as { perSecond: number; requests: number }; // as load-generator.ts prints
    return { perSecond, cpuUs: (cpuMs * 1000) / requests, lastWords: await end(server) };
  } finally {
    await end(server);
  }
}

/** Ours ends with its standard input. */
async function end(server: ChildProcess): Promise<string> {
  if (server.exitCode !== null || server.signalCode !== null) return '';
  let words = '';
  server.stdout?.on('data', (text: Buffer) => (words += text.toString()));
  const ended = new Promise((resolve) => server.once('close', resolve));
  if (server.stdin) server.stdin.end();
  else server.kill('SIGTERM');
  await ended;
  return words;
}

/** Our server, of the MLP in a file; with a folder it logs what it answers. */
export async function startOurs(model: string, folder?: string): Promise<Started> {
  const script = fileURLToPath(new URL('serve-mlp.js', import.meta.url));
  const server = spawn(process.execPath, [script, model, ...(folder === undefined ? [] : [folder])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const address = await new Promise<string>((resolve) =>
    server.stdout.once('data', (line) => {
      resolve(String(line));
    }),
  );
  return { process: server, port: Number(new URL(address.trim()).port) };
}

async function startPeer(python: string, model: string, workers: number): Promise<Started> {
  const port = await freePort();
  const script = fileURLToPath(new URL('../../bench/peers/fastapi_server.py', import.meta.url));
  const server = spawn(python, [script, model, String(port), String(workers)], { stdio: 'inherit' });
  return { process: server, port };
}

async function ready(port: number): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${port}/v2/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing is ready at port ${port}`);
}

/** A multilayer perceptron. Weights do not matter to the time; a sine keeps them different and small. */
function mlp(sizes: readonly number[]): Uint8Array {
  const graph = new Graph();
  const ops = new Operators(graph);
  let layer: Value = graph.input('pixels', 'float32', ['batch', sizes[0] ?? 0]);
  for (const [index, outputs] of sizes.slice(1).entries()) {
    const inputs = sizes[index] ?? 0;
    const weights = Float32Array.from({ length: inputs * outputs }, (_, at) => Math.sin(at) / Math.sqrt(inputs));
    const dense = ops.gemm(
      layer,
      graph.initialiser(`w${index}`, weights, [inputs, outputs]),
      graph.initialiser(`b${index}`, new Float32Array(outputs), [outputs]),
    );
    layer = index < sizes.length - 2 ? ops.relu(dense) : dense;
  }
  return encodeModel({ graph, outputs: { logits: layer } });
}

/** Pixels of 0 … 1 in 255 steps, as a client's JSON has them. */
function requestBody(): string {
  const data = Array.from({ length: 784 }, (_, pixel) => ((pixel * 37) % 256) / 255);
  return JSON.stringify({ inputs: [{ name: 'pixels', datatype: 'FP32', shape: [1, 784], data }] });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const line of await benchServing(process.env['TRAINYARD_BENCH_PYTHON'] ?? 'python3'))
    console.log(JSON.stringify(line));
