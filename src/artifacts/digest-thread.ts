/** The thread of a growing digest: reads what its file has, as far as it is told that it is written. @module */
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { GrowingFile } from './growing-digest.js';

const { file, sizeBytes } = workerData as GrowingFile; // written by GrowingDigest
const port = parentPort;
if (port === null) throw new Error('digest-thread runs in a worker thread only');

const hash = createHash('sha256');
// Small enough for the second-level cache: what was just copied from the page cache is hashed there.
const buffer = new Uint8Array(256 * 1024);
let hashed = 0;

port.on('message', (reached: number) => {
  while (hashed < reached) {
    const read = readSync(file, buffer, 0, Math.min(buffer.length, reached - hashed), hashed);
    if (read === 0) throw new Error(`the file has ${hashed} bytes, not ${reached}`);
    hash.update(buffer.subarray(0, read));
    hashed += read;
  }
  if (hashed === sizeBytes) port.postMessage(hash.digest('hex'));
});
