/** Starts an S3 server on a free port of this machine; it ends with the process that started it, also after kill -9. @module */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A server that answers. */
export interface S3Server {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly port: number;
  readonly pid: number;
  /** Where its buckets lie. */
  readonly folder: string;
  /** What the AWS chain reads: keys, region and endpoint. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends it with SIGKILL at once and leaves its folder: {@link startVersitygw} on the same folder and port goes on. */
  kill(): Promise<void>;
  /** Ends it, and removes its folder unless the caller gave it. */
  stop(): Promise<void>;
}

/** Where a server is to keep its data and listen; a temporary folder and a free port where left out. */
export interface ServerPlace {
  readonly folder?: string;
  readonly port?: number;
}

const keys = { id: 'trainyard', secret: 'trainyard-secret' };
const startMs = 20_000;
const pollMs = 20;

// As with trainers: the subshell holds the end of a pipe whose other end only the owner has. `kill 0` means the own group.
const launcher = '(cat <&3; kill -9 0) >/dev/null 2>&1 & exec "$@" 3<&-';

/** A gateway to a folder; `binary` is what `installServer(versitygw)` gives. */
export function startVersitygw(binary: string, place: ServerPlace = {}): Promise<S3Server> {
  return start(place, async (folder, port) => {
    const parts = { data: join(folder, 'data'), iam: join(folder, 'iam'), sidecar: join(folder, 'sidecar') };
    for (const part of Object.values(parts)) mkdirSync(part, { recursive: true });
    const args = [
      '--port',
      `127.0.0.1:${port}`,
      '--quiet',
      '--keep-alive',
      '--health',
      '/health',
      '--iam-dir',
      parts.iam,
    ];
    const env = { ROOT_ACCESS_KEY: keys.id, ROOT_SECRET_KEY: keys.secret };
    const health = `http://127.0.0.1:${port}/health`;
    const native = await launch(binary, [...args, 'posix', parts.data], env, health);
    // Metadata beside the objects where the file system has no extended attributes: tmpfs before Linux 6.6.
    if (native.failure?.includes('xattr') !== true) return native;
    return launch(binary, [...args, 'posix', '--sidecar', parts.sidecar, parts.data], env, health);
  });
}

/** Makes a bucket of versitygw, unless it is there: a folder is one. */
export async function makeBucket(server: S3Server, name: string): Promise<void> {
  await mkdir(join(server.folder, 'data', name), { recursive: true });
}

/** A server that really encrypts, with one key for SSE-KMS: `minioKey`. `binary` is what `installServer(minio)` gives. */
export function startMinio(binary: string, place: ServerPlace = {}): Promise<S3Server> {
  return start(place, (folder, port) => {
    const args = ['server', '--quiet', '--address', `127.0.0.1:${port}`, join(folder, 'data')];
    const env = {
      MINIO_ROOT_USER: keys.id,
      MINIO_ROOT_PASSWORD: keys.secret,
      MINIO_KMS_SECRET_KEY: `${minioKey}:${Buffer.alloc(32, 7).toString('base64')}`,
      MINIO_UPDATE: 'off',
      MINIO_BROWSER: 'off',
    };
    return launch(binary, args, env, `http://127.0.0.1:${port}/minio/health/ready`);
  });
}

/** The only key that {@link startMinio} knows. */
export const minioKey = 'trainyard-test-key';

interface Launched {
  readonly child: ChildProcess;
  /** Its last words, when it ended before it answered. */
  readonly failure: string | undefined;
}

async function start(
  place: ServerPlace,
  launchAt: (folder: string, port: number) => Promise<Launched>,
): Promise<S3Server> {
  const folder = place.folder ?? (await mkdtemp(join(tmpdir(), 'trainyard-s3-')));
  const removeFolder = async () => {
    if (place.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  let failure = '';
  // Another process may take a free port before the server does.
  for (let tries = place.port === undefined ? 5 : 1; tries > 0; tries--) {
    const port = place.port ?? (await freePort());
    const launched = await launchAt(folder, port);
    if (launched.failure === undefined) return running(launched.child, folder, port, removeFolder);
    failure = launched.failure;
  }
  await removeFolder();
  throw new Error(`the S3 server did not start: ${failure}`);
}

function running(child: ChildProcess, folder: string, port: number, removeFolder: () => Promise<void>): S3Server {
  const endpoint = `http://127.0.0.1:${port}`;
  const kill = () => end(child);
  return {
    endpoint,
    port,
    pid: child.pid ?? 0,
    folder,
    env: {
      AWS_ACCESS_KEY_ID: keys.id,
      AWS_SECRET_ACCESS_KEY: keys.secret,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_S3: endpoint,
    },
    kill,
    stop: async () => {
      await kill();
      await removeFolder();
    },
  };
}

async function launch(
  binary: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  health: string,
): Promise<Launched> {
  const child = spawn('/bin/sh', ['-c', launcher, 'trainyard-s3', binary, ...args], {
    detached: true,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let words = '';
  const keep = (text: Buffer) => (words = (words + text.toString()).slice(-2_000));
  child.on('error', (error) => (words += error.message));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const isGone = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const deadlineMs = performance.now() + startMs;
  while (!(await answers(health))) {
    if (isGone()) return { child, failure: words.trim() || `it ended with ${child.signalCode ?? child.exitCode}` };
    if (performance.now() > deadlineMs) {
      await end(child);
      return { child, failure: `no answer at ${health} within ${startMs / 1_000} s` };
    }
    await delay(pollMs);
  }
  // Neither its pipes nor itself keep the owner up.
  child.unref();
  for (const stream of child.stdio) if (stream instanceof net.Socket) stream.unref();
  return { child, failure: undefined };
}

/** Kills the group: server and subshell. */
async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const closed = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await closed;
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok === true;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('a TCP server has no port'));
      });
    });
  });
}
