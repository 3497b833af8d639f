/** Housekeeping of a store in a bucket: a condemned object is copied aside and deleted from its place. @module */
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  type _Object as Listed,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { TrainyardError } from '../contracts/errors.js';
import { objectKey } from '../contracts/names.js';
import type { Housekeeping, StoredObject, StoredRecord } from './housekeeping.js';
import { assertRecordFolder, assertRecordKey } from './keys.js';
import type { S3Bucket } from './s3-bucket.js';
import { assertHonoured, demandOf } from './s3-encryption.js';
import { isMissing } from './s3-errors.js';
import { listObjects } from './s3-list.js';
import type { Encryption } from './s3-location.js';

const objectName = /(?:^|\/)([0-9a-f]{64})$/;
/** No record's key starts with a dot. */
const asideFolder = '.condemned/';
/** A larger object is copied in parts: S3's limit for one copy is 5 GiB. */
const copyBytes = 1024 ** 3;

export class S3Housekeeping implements Housekeeping {
  constructor(
    readonly bucket: S3Bucket,
    readonly prefix: string,
    readonly encryption: Encryption | undefined,
  ) {}

  async now(): Promise<number> {
    await this.#only(asideFolder); // any answer tells the time
    return this.bucket.nowMs;
  }

  objects(): AsyncGenerator<StoredObject, void, undefined> {
    return this.#objectsIn('objects/sha256/');
  }

  condemned(): AsyncGenerator<StoredObject, void, undefined> {
    return this.#objectsIn(asideFolder);
  }

  async condemn({ sha256, sizeBytes, writtenMs }: StoredObject): Promise<boolean> {
    const place = objectKey(sha256);
    if ((await this.#only(place))?.LastModified?.getTime() !== writtenMs) return false;
    if (!(await this.#copy(place, asideFolder + sha256, sizeBytes))) return false;
    // Put between the look and this, it lies in both places for its readers: a read that misses it brings it back.
    await this.#remove(place);
    return true;
  }

  async restore(sha256: string): Promise<boolean> {
    const aside = asideFolder + sha256;
    const found = await this.#only(aside);
    if (found === undefined) return false;
    const inPlace = (await this.#only(objectKey(sha256))) !== undefined;
    if (!inPlace && !(await this.#copy(aside, objectKey(sha256), found.Size ?? 0))) return false;
    await this.#remove(aside);
    return true;
  }

  discard(sha256: string): Promise<void> {
    return this.#remove(asideFolder + sha256);
  }

  async *records(prefix: string): AsyncGenerator<StoredRecord, void, undefined> {
    assertRecordFolder(prefix);
    let last = '';
    for await (const { Key = '', Size = 0, LastModified } of this.#listed(prefix)) {
      const key = Key.slice(this.prefix.length);
      // The order is what S3 promises and readers of heads and checkpoints rely on.
      if (key <= last)
        throw new TrainyardError('TY1206', `${this.bucket.target.where} lists its keys out of order`, {
          remedy: 'Use a server (or, on AWS, a kind of bucket) that lists keys in ascending order',
        });
      last = key;
      yield { key, sizeBytes: Size, writtenMs: LastModified?.getTime() ?? 0 };
    }
  }

  async removeRecord(key: string): Promise<void> {
    assertRecordKey(key);
    await this.#remove(key);
  }

  async *#objectsIn(folder: string): AsyncGenerator<StoredObject, void, undefined> {
    for await (const { Key = '', Size = 0, LastModified } of this.#listed(folder)) {
      const sha256 = objectName.exec(Key)?.[1];
      if (sha256 !== undefined) yield { sha256, sizeBytes: Size, writtenMs: LastModified?.getTime() ?? 0 };
    }
  }

  /** What a list says of one key: with the same time as a list of all, which a HEAD gives in whole seconds. */
  async #only(key: string): Promise<Listed | undefined> {
    for await (const found of this.#listed(key)) return found.Key === this.prefix + key ? found : undefined;
    return undefined;
  }

  #listed(prefix: string): AsyncGenerator<Listed, void, undefined> {
    return listObjects(this.bucket, this.prefix + prefix);
  }

  async #remove(key: string): Promise<void> {
    await this.bucket.operate(({ client, send }) =>
      client.send(new DeleteObjectCommand({ Bucket: this.bucket.name, Key: this.prefix + key }), send),
    );
  }

  /** Copies within the bucket; false when there is nothing to copy. */
  async #copy(from: string, to: string, sizeBytes: number): Promise<boolean> {
    const source = `${this.bucket.name}/${this.prefix}${from}`.split('/').map(encodeURIComponent).join('/');
    const place = { Bucket: this.bucket.name, Key: this.prefix + to, CopySource: source };
    try {
      if (sizeBytes > copyBytes) await this.#copyParts(place, sizeBytes);
      else {
        const said = await this.bucket.operate(({ client, send }) =>
          client.send(new CopyObjectCommand({ ...place, ...demandOf(this.encryption) }), send),
        );
        assertHonoured(this.encryption, said, `${to} is stored like that`);
      }
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  async #copyParts(
    { CopySource, ...place }: { readonly Bucket: string; readonly Key: string; readonly CopySource: string },
    sizeBytes: number,
  ): Promise<void> {
    const created = await this.bucket.operate(({ client, send }) =>
      client.send(new CreateMultipartUploadCommand({ ...place, ...demandOf(this.encryption) }), send),
    );
    assertHonoured(this.encryption, created, 'nothing was copied');
    const upload = { ...place, UploadId: created.UploadId };
    const Parts: CompletedPart[] = [];
    for (let start = 0; start < sizeBytes; start += copyBytes) {
      const CopySourceRange = `bytes=${start}-${Math.min(sizeBytes, start + copyBytes) - 1}`;
      const PartNumber = Parts.length + 1;
      const { CopyPartResult } = await this.bucket.operate(({ client, send }) =>
        client.send(new UploadPartCopyCommand({ ...upload, PartNumber, CopySource, CopySourceRange }), send),
      );
      Parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
    }
    await this.bucket.operate(({ client, send }) =>
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }), send),
    );
  }
}
