/** Records in a bucket: created by a conditional write, so that of many writers one wins, and that one knows it. @module */
import { randomUUID } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { sha256 } from './digest.js';
import { prefixRule } from './keys.js';
import type { S3Bucket } from './s3-bucket.js';
import { assertHonoured, demandOf } from './s3-encryption.js';
import { isMissing, isPassing, isPrecondition, statusOf, TryAgain } from './s3-errors.js';
import type { Encryption } from './s3-location.js';

/** How often a record that arrives altered is fetched again. */
const fetches = 3;

/** How often a conflict of keys must be seen before it is believed. */
const conflicts = 3;

/** A place for a record. */
export interface RecordPlace {
  readonly bucket: S3Bucket;
  readonly key: string;
  readonly encryption: Encryption | undefined;
}

/**
 * Creates a record; false when somebody else has. An answer that was lost is followed by a refusal of our own record: the writer's mark in its
 * metadata tells it from another writer's, which may have the same bytes. Throws TY1205, TY1225.
 */
export async function createObject({ bucket, key, encryption }: RecordPlace, value: Uint8Array): Promise<boolean> {
  const writer = randomUUID();
  const digest = sha256(value);
  const place = { Bucket: bucket.name, Key: key };
  const record = {
    ...place,
    Body: value,
    ChecksumSHA256: Buffer.from(digest, 'hex').toString('base64'),
    IfNoneMatch: '*',
    Metadata: { writer, sha256: digest },
    ...demandOf(encryption),
  };
  return bucket.operate(async ({ client, send, retry }) => {
    try {
      const said = await client.send(new PutObjectCommand(record), send);
      assertHonoured(encryption, said, `${key} is stored like that`);
      return true;
    } catch (error) {
      // A server on a file system (others keep both keys, which harms nothing); it says so for a moment, too, while a neighbour's folder goes.
      if (statusOf(error) === 409 && retry < conflicts)
        throw new TryAgain('the server sees a conflict', { cause: error });
      if (statusOf(error) === 409 && !isPassing(error)) throw prefixRule(key, error);
      if (!isPrecondition(error)) throw error;
      if (retry === 0) return false;
      const { Metadata } = await client.send(new HeadObjectCommand(place), send);
      return Metadata?.['writer'] === writer;
    }
  });
}

/**
 * A record's bytes; undefined when there is none. Bytes without the digest in their metadata are fetched again; those that stay wrong are
 * the store's, and given: records are sealed, and whoever reads this one says what is wrong with it.
 */
export async function readObject({ bucket, key }: RecordPlace): Promise<Uint8Array | undefined> {
  const place = { Bucket: bucket.name, Key: key };
  for (let fetch = 1; ; fetch++) {
    try {
      const { bytes, digest } = await bucket.operate(async ({ client, send }) => {
        const { Body, Metadata } = await client.send(new GetObjectCommand(place), send);
        return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), digest: Metadata?.['sha256'] };
      });
      if (fetch === fetches || digest === undefined || digest === sha256(bytes)) return bytes;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}
