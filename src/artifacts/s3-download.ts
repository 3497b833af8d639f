/** Objects in pieces: a few fetched ahead over connections of their own, given in order, each resumed where it broke off. @module */
import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { S3Bucket, Try } from './s3-bucket.js';
import { TryAgain } from './s3-errors.js';
import { free } from './s3-received.js';

/** Size of a piece; with {@link ahead} the bound of memory: a process that streams peaks at 131 to 140 MB, with 8 MiB at 150 to 183. Smaller ones cost requests. */
export const pieceBytes = 3 * 1024 * 1024;
/** Pieces in flight or waiting for the reader. One connection is slower than a disk, eight are not faster than four. */
const ahead = 4;

/** What is to be read. */
export interface Download {
  readonly bucket: S3Bucket;
  readonly key: string;
  /** What it has to have. */
  readonly sizeBytes: number;
  /** Refuse another state of the object (412). */
  readonly etag?: string;
  /** Thrown when it has another size. */
  readonly otherSize: (sizeBytes: number) => Error;
  readonly signal?: AbortSignal;
  /** The reader is done with a piece when it asks for the second next one: its memory is used again. @default false */
  readonly reuse?: boolean;
}

/** The bytes of an object. Throws what {@link S3Bucket.operate} throws. */
export async function* download(object: Download): AsyncGenerator<Uint8Array, void, undefined> {
  const stop = new AbortController();
  const signal = object.signal ? AbortSignal.any([object.signal, stop.signal]) : stop.signal;
  setMaxListeners(0, signal); // one for each request
  const starts = Array.from(
    { length: Math.ceil(object.sizeBytes / pieceBytes) || 1 },
    (_, piece) => piece * pieceBytes,
  );
  const free: Uint8Array[] = [];
  let held: Uint8Array | undefined;
  const flying: Promise<Uint8Array>[] = [];
  const launch = () => {
    const start = starts.shift();
    if (start === undefined) return;
    const length = Math.min(pieceBytes, object.sizeBytes - start);
    const memory = free.pop() ?? new Uint8Array(object.reuse === true ? pieceBytes : length);
    const piece = fetchPiece({ ...object, signal }, start, memory.subarray(0, length));
    piece.catch(() => undefined); // awaited in its turn, unless an earlier one fails
    flying.push(piece);
  };
  try {
    while (flying.length < ahead && starts.length > 0) launch();
    for (let piece = flying.shift(); piece !== undefined; piece = flying.shift()) {
      const bytes = await piece;
      launch();
      yield bytes;
      if (object.reuse !== true) continue;
      if (held) free.push(held);
      held = new Uint8Array(bytes.buffer);
    }
  } finally {
    stop.abort();
  }
}

/** Fills `memory` with the bytes from `start` on. */
export async function fetchPiece(object: Download, start: number, memory: Uint8Array): Promise<Uint8Array> {
  let filled = 0;
  await fetchRange(object, start, start + memory.length, (chunk) => {
    memory.set(chunk, filled);
    filled += chunk.length;
  });
  return memory;
}

/** Gives the bytes from `start` to `end` as they come, each chunk until `take` is done; what has come before a failure is not asked for again. */
export async function fetchRange(
  object: Download,
  start: number,
  end: number,
  take: (chunk: Uint8Array) => Promise<void> | void,
): Promise<void> {
  let at = start;
  await object.bucket.operate(async (one) => {
    const answer = await ask(object, one, at, end);
    // In Node it is a stream.
    const body = answer.Body as Readable;
    try {
      const sizeBytes = totalOf(answer);
      if (sizeBytes !== object.sizeBytes) throw object.otherSize(sizeBytes);
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        if (at + chunk.length > end) throw new TryAgain('more bytes came than were asked for');
        await take(chunk);
        at += chunk.length;
        free(chunk);
        one.progress();
      }
    } finally {
      body.destroy();
    }
    if (at < end) throw new TryAgain(`the answer ended ${end - at} bytes early`);
  }, object.signal);
}

/** A whole object is asked for without a range, which an empty one would refuse. */
function ask({ bucket, key, etag, sizeBytes }: Download, { client, send }: Try, start: number, end: number) {
  const range = start === 0 && end === sizeBytes ? {} : { Range: `bytes=${start}-${end - 1}` };
  const state = etag === undefined ? {} : { IfMatch: etag };
  return client.send(new GetObjectCommand({ Bucket: bucket.name, Key: key, ...range, ...state }), send);
}

function totalOf({ ContentRange, ContentLength = 0 }: GetObjectCommandOutput): number {
  return ContentRange === undefined ? ContentLength : Number(ContentRange.split('/')[1]);
}
