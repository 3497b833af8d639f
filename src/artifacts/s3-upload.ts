/** Uploads: one request for what is small, parts for what is large, and nothing left of an upload that failed. @module */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompletedPart,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { assertHonoured, demandOf, isHonoured } from './s3-encryption.js';
import type { S3Bucket } from './s3-bucket.js';
import { isMissing } from './s3-errors.js';
import type { Encryption } from './s3-location.js';
import { granuleBytes, type Outgoing } from './s3-outgoing.js';
import { sideBySide } from './side-by-side.js';

/** Where an upload goes. */
export interface Destination {
  readonly bucket: S3Bucket;
  readonly key: string;
  readonly encryption: Encryption | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Parts in flight, each in memory of its own. */
const concurrency = 4;
const pieceBytes = 256 * 1024;
/** S3's limit. */
const mostParts = 10_000;
/** An upload of which nobody has heard for so long belongs to a process that was killed. */
const abandonedAfterMs = 24 * 3_600_000;
/** A server that was killed and came back may have forgotten an upload: it begins again. */
const mostUploads = 3;

/** Stores small bytes. `ifNew`: a key that exists is left alone, which throws a failed precondition. Throws TY1225. */
export async function uploadWhole(
  { bucket, key, encryption, signal }: Destination,
  bytes: Uint8Array,
  sha256: string,
  ifNew: boolean,
): Promise<void> {
  const said = await bucket.operate(
    ({ client, send }) =>
      client.send(
        new PutObjectCommand({
          Bucket: bucket.name,
          Key: key,
          Body: bytes,
          // S3 checks the bytes against our digest and keeps it.
          ChecksumSHA256: Buffer.from(sha256, 'hex').toString('base64'),
          ...(ifNew && { IfNoneMatch: '*' }),
          ...demandOf(encryption),
        }),
        send,
      ),
    signal,
  );
  assertHonoured(encryption, said, `${key} is stored like that`);
}

/** Stores large bytes in parts. Throws TY1225 when encryption is not confirmed, TY1228 when the source has changed: nothing is stored then. */
export async function uploadParts(destination: Destination, source: Outgoing): Promise<void> {
  for (let upload = 1; ; upload++) {
    try {
      await uploadOnce(destination, source);
      return;
    } catch (error) {
      if (!isMissing(error) || upload === mostUploads) throw error;
    }
  }
}

async function uploadOnce(destination: Destination, source: Outgoing): Promise<void> {
  const { bucket, key, encryption, signal } = destination;
  const place = { Bucket: bucket.name, Key: key };
  const created = await bucket.operate(({ client, send }) => {
    const demand = demandOf(encryption);
    return client.send(new CreateMultipartUploadCommand({ ...place, ChecksumAlgorithm: 'CRC32', ...demand }), send);
  }, signal);
  const upload = { ...place, UploadId: created.UploadId };
  try {
    // AWS confirms when an upload begins, MinIO with each of its parts.
    const confirmed = isHonoured(encryption, created);
    const parts = await sendParts(confirmed ? { ...destination, encryption: undefined } : destination, upload, source);
    await bucket.operate(async ({ client, send, retry }) => {
      try {
        const MultipartUpload = { Parts: parts };
        await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload }), send);
      } catch (error) {
        // Completed before, and the answer was lost: the object is there, under the digest of its bytes.
        if (retry === 0 || !isMissing(error)) throw error;
        await client.send(new HeadObjectCommand(place), send);
      }
    }, signal);
  } catch (error) {
    // Not cut short by the caller's signal, which may be why we are here.
    await bucket.operate(({ client }) => client.send(new AbortMultipartUploadCommand(upload))).catch(() => undefined);
    throw error;
  }
}

interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

/** Sends the parts, a few at a time; nothing of them is in flight when it ends. Each must confirm the encryption of its destination. */
async function sendParts(
  { bucket, encryption, signal }: Destination,
  upload: Upload,
  source: Outgoing,
): Promise<CompletedPart[]> {
  const { sizeBytes } = source.digest;
  const partBytes = Math.ceil(Math.ceil(sizeBytes / granuleBytes) / mostParts) * granuleBytes;
  const done: CompletedPart[] = [];
  let next = 0;
  const sender = async (stop: AbortSignal) => {
    let memory: Uint8Array | undefined;
    for (let part = next++; part * partBytes < sizeBytes; part = next++) {
      stop.throwIfAborted();
      const end = Math.min(sizeBytes, (part + 1) * partBytes);
      const bytes = await source.read(part * partBytes, end, () => (memory ??= new Uint8Array(partBytes)));
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32BE(crc32(bytes));
      const sent = { PartNumber: part + 1, ChecksumCRC32: checksum.toString('base64') };
      const command = { ...upload, ...sent, ContentLength: bytes.length };
      const said = await bucket.operate(
        ({ client, send }) => client.send(new UploadPartCommand({ ...command, Body: inPieces(bytes) }), send),
        stop,
      );
      assertHonoured(encryption, said, 'its parts were taken back');
      done[part] = { ...sent, ETag: said.ETag };
    }
  };
  await sideBySide(concurrency, sender, signal);
  return done;
}

/** TLS encrypts a whole body at once into memory of its own, unless it comes in pieces that wait for one another. */
function inPieces(bytes: Uint8Array): Readable {
  const pieces = function* () {
    for (let offset = 0; offset < bytes.length; offset += pieceBytes) yield bytes.subarray(offset, offset + pieceBytes);
  };
  return Readable.from(pieces(), { highWaterMark: 1 });
}

/**
 * Takes back uploads below `prefix` that killed processes left: their parts cost space and no list of objects shows them.
 * Ages are by the server's clock.
 */
export async function abortAbandoned(bucket: S3Bucket, prefix: string): Promise<void> {
  const { Uploads = [] } = await bucket.operate(({ client, send }) =>
    client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name, Prefix: prefix }), send),
  );
  for (const { Key, UploadId, Initiated } of Uploads) {
    if (Initiated === undefined || bucket.nowMs - Initiated.getTime() < abandonedAfterMs) continue;
    await bucket
      .operate(({ client, send }) =>
        client.send(new AbortMultipartUploadCommand({ Bucket: bucket.name, Key, UploadId }), send),
      )
      .catch(() => undefined); // completed or taken back by somebody else meanwhile
  }
}
