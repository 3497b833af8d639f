/**
 * An S3 store against what others reach at the same server: a file of 1 GB up and down beside the AWS CLI and s5cmd, 10,000 small artifacts
 * beside a bare loop of the SDK. The peers are programs: `TRAINYARD_BENCH_AWS=VENV/bin/aws`, and, where it is to be had,
 * `TRAINYARD_BENCH_S5CMD`.
 * @module
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { digestFile } from '../src/artifacts/digest.js';
import { LocalCache } from '../src/artifacts/local-cache.js';
import { openS3Store } from '../src/artifacts/s3-store.js';
import { installServer, versitygw } from '../tools/s3/install.js';
import { makeBucket, type S3Server, startVersitygw } from '../tools/s3/start.js';
import { inPairs, type Measurement, timed } from './measurement.js';

const run = promisify(execFile);
const MB = 1e6;
const largeBytes = 1_000 * MB;
const smallCount = 10_000;
const smallBytes = 1_000;
const concurrency = 32;
const rounds = 3;
const bucket = 'bench';

/** Bars: 0.8 of a peer's speed, 150 MB. A ratio is the peer's time divided by ours. */
export async function benchS3(aws: string, s5cmd: string | undefined): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-bench-s3-'));
  const server = await startVersitygw(await installServer(versitygw, (line) => process.stderr.write(`${line}\n`)));
  Object.assign(process.env, server.env, { S3_ENDPOINT_URL: server.endpoint }); // by which s5cmd finds it
  try {
    await makeBucket(server, bucket);
    const peers: Peer[] = [{ name: 'the AWS CLI', copy: (from, to) => run(aws, ['s3', 'cp', '--quiet', from, to]) }];
    if (s5cmd !== undefined) peers.push({ name: 's5cmd', copy: (from, to) => run(s5cmd, ['cp', from, to]) });
    const large = [];
    for (const peer of peers) large.push(...(await largeFile(server, folder, peer)));
    return [...large, await smallArtifacts(server, folder)];
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}

interface Peer {
  readonly name: string;
  readonly copy: (from: string, to: string) => Promise<unknown>;
}

/** Each run in a fresh process, from its start to its end; nothing is there before. */
async function largeFile(server: S3Server, folder: string, peer: Peer): Promise<Measurement[]> {
  const file = join(folder, 'large');
  await pipeline(Readable.from(randomPieces(largeBytes)), createWriteStream(file));
  const { sha256 } = await digestFile(file);
  const peaks: number[] = [];
  const ours = async (what: 'put' | 'get') => {
    const cache = join(folder, 'cache');
    const argument = what === 'put' ? file : sha256;
    const ms = await timed(async () => {
      const { stdout } = await run(process.execPath, [fileURLToPath(import.meta.url), what, argument, cache]);
      peaks.push(z.object({ peakMB: z.number() }).parse(JSON.parse(stdout)).peakMB);
    });
    await rm(cache, { recursive: true, force: true });
    return ms;
  };
  const object = `s3://${bucket}/peer`;
  const emptied = async (work: () => Promise<number>) => {
    for (const key of ['ours', 'peer'])
      await rm(join(server.folder, 'data', bucket, key), { recursive: true, force: true });
    return work();
  };
  const put = await inPairs(
    rounds,
    () => emptied(() => ours('put')),
    () => emptied(() => timed(() => peer.copy(file, object))),
  );
  await ours('put');
  await peer.copy(file, object);
  const back = join(folder, 'back');
  const get = await inPairs(
    rounds,
    () => ours('get'),
    () => timed(() => peer.copy(object, back)).finally(() => rm(back, { force: true })),
  );
  const speed = (ms: number) => largeBytes / MB / (ms / 1_000);
  const line = (what: string, { ours, peer: theirs, ratio }: typeof put) => ({
    name: `S3: ${what} 1 GB, beside ${peer.name}`,
    value: speed(ours),
    unit: 'MB/s',
    peer: speed(theirs),
    ratio: 1 / ratio,
  });
  return [
    line('put', put),
    line('get', get),
    { name: 'S3: peak memory of these, the process', value: Math.max(...peaks), unit: 'MB' },
  ];
}

/** New bytes each, both in this process with as many requests at once. */
async function smallArtifacts(server: S3Server, folder: string): Promise<Measurement> {
  const cache = new LocalCache({ folder: join(folder, 'cache'), limitBytes: 1e9 });
  const store = openS3Store(`s3://${bucket}/small?endpoint=${server.endpoint}`, { cache });
  const requestHandler = { httpAgent: { keepAlive: true, maxSockets: 64 } };
  const client = new S3Client({ endpoint: server.endpoint, forcePathStyle: true, requestHandler });
  let key = 0;
  const many = (put: (bytes: Uint8Array) => Promise<unknown>) =>
    timed(async () => {
      let left = smallCount;
      const putter = async () => {
        while (left-- > 0) await put(randomBytes(smallBytes));
      };
      await Promise.all(Array.from({ length: concurrency }, putter));
    });
  const { ours, peer, ratio } = await inPairs(
    rounds,
    () => many((bytes) => store.put(bytes)),
    // Spread over folders as ours are: a server on a file system takes longer for one folder with all.
    () =>
      many((Body) => client.send(new PutObjectCommand({ Bucket: bucket, Key: `bare/${key % 256}/${key++}`, Body }))),
  );
  client.destroy();
  const perSecond = (ms: number) => smallCount / (ms / 1_000);
  const name = `S3: ${smallCount} artifacts of 1 kB, ${concurrency} at once`;
  return { name, value: perSecond(ours), unit: 'a second', peer: perSecond(peer), ratio: 1 / ratio };
}

function* randomPieces(bytes: number): Generator<Uint8Array> {
  for (let left = bytes; left > 0; left -= MB) yield randomBytes(Math.min(left, MB));
}

/** The child's side: one file. */
async function copyOne(what: string, argument: string, folder: string): Promise<void> {
  const cache = new LocalCache({ folder, limitBytes: 10e9 });
  const store = openS3Store(`s3://${bucket}/ours`, { cache });
  if (what === 'put') await store.put({ path: argument });
  else await store.materialise({ sha256: argument, sizeBytes: largeBytes });
  process.stdout.write(JSON.stringify({ peakMB: process.resourceUsage().maxRSS / 1024 }));
}

const [, script, what, argument, folder] = process.argv;
if (script === fileURLToPath(import.meta.url) && what !== undefined && argument !== undefined && folder !== undefined)
  await copyOne(what, argument, folder);
