/** Content in a bucket: stored under its digest, verified whenever it is read. @module */
import { HeadObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { TrainyardError } from '../contracts/errors.js';
import { objectKey } from '../contracts/names.js';
import { writeAll } from './durable-files.js';
import { renewAfterMs } from './housekeeping.js';
import type { S3Bucket } from './s3-bucket.js';
import { type Download, download, pieceBytes } from './s3-download.js';
import { isHonoured } from './s3-encryption.js';
import { isMissing, isPrecondition } from './s3-errors.js';
import { downloadInto } from './s3-file.js';
import type { Encryption } from './s3-location.js';
import { granuleBytes, type Outgoing } from './s3-outgoing.js';
import { abortAbandoned, uploadParts, uploadWhole } from './s3-upload.js';
import { collect, type Content, damaged, missing, verified } from './verified.js';

/** Where the content of a store lies. */
export interface ContentPlace {
  readonly bucket: S3Bucket;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
  readonly encryption: Encryption | undefined;
  /** The store, for messages. */
  readonly uri: string;
  /** Brings a condemned object back. */
  readonly restore: (sha256: string) => Promise<boolean>;
}

/** How often bytes that arrive altered are fetched again before the store is blamed. */
const fetches = 3;

export class S3Content {
  readonly #place: ContentPlace;
  /** ETags of large objects that this process verified, by digest. */
  readonly #verified = new Map<string, string>();
  #swept: Promise<void> | undefined;

  constructor(place: ContentPlace) {
    this.#place = place;
  }

  /** Stores bytes, unless they are there and may stay: small ones ask by the upload itself, large ones before it. */
  async put(source: Outgoing, signal?: AbortSignal): Promise<void> {
    const { sha256, sizeBytes } = source.digest;
    const { bucket, prefix, encryption } = this.#place;
    const destination = { bucket, encryption, signal, key: this.#key(source.digest) };
    if (sizeBytes > granuleBytes) {
      if (await this.#keeps(source.digest)) return;
      // For want of a permission, say: no reason not to store.
      this.#swept ??= abortAbandoned(bucket, `${prefix}objects/`).catch(() => undefined);
      await this.#swept;
      await uploadParts(destination, source);
      return;
    }
    const bytes = await source.read(0, sizeBytes, () => new Uint8Array(sizeBytes));
    try {
      await uploadWhole(destination, bytes, sha256, true);
    } catch (error) {
      if (!isPrecondition(error)) throw error;
      if (!(await this.#keeps(source.digest))) await uploadWhole(destination, bytes, sha256, false);
    }
  }

  /** Verified bytes; those of a condemned object, which is brought back. */
  async *bytes(content: Content): AsyncGenerator<Uint8Array, void, undefined> {
    const { uri, restore } = this.#place;
    let given = false;
    try {
      for await (const piece of this.#verifiedPieces(content)) {
        given = true;
        yield piece;
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
      if (given) throw missing(content, uri, error);
      await restore(content.sha256); // or somebody else just did
      try {
        yield* this.#verifiedPieces(content);
      } catch (still) {
        throw isMissing(still) ? missing(content, uri, still) : still;
      }
    }
  }

  /** The same into an empty file, open for reading and writing. */
  async fill(file: number, content: Content): Promise<Content> {
    const { uri, restore } = this.#place;
    try {
      return await this.#fill(file, content);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    await restore(content.sha256); // or somebody else just did
    try {
      return await this.#fill(file, content);
    } catch (still) {
      throw isMissing(still) ? missing(content, uri, still) : still;
    }
  }

  /**
   * Whether an object is there and may stay as it is: whole, encrypted as demanded, and young enough not to be collected. All else is
   * written anew, which repairs and renews it. A large one is read through once for each process: no shorter way shows a flipped bit.
   */
  async #keeps(content: Content): Promise<boolean> {
    const { bucket, encryption } = this.#place;
    const head = await this.#head(content);
    if (head?.ContentLength !== content.sizeBytes || !isHonoured(encryption, head)) return false;
    if (bucket.nowMs - (head.LastModified?.getTime() ?? 0) > renewAfterMs) return false;
    const { ETag } = head;
    if (ETag !== undefined && this.#verified.get(content.sha256) === ETag) return true;
    if (!(await this.#isWhole(content))) return false;
    if (ETag !== undefined) this.#verified.set(content.sha256, ETag);
    return true;
  }

  async #head(content: Content): Promise<HeadObjectCommandOutput | undefined> {
    const { bucket } = this.#place;
    const place = { Bucket: bucket.name, Key: this.#key(content) };
    try {
      return await bucket.operate(({ client, send }) => client.send(new HeadObjectCommand(place), send));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async #isWhole(content: Content): Promise<boolean> {
    try {
      const pieces = verified(content, this.#place.uri, this.#pieces(content, true));
      while ((await pieces.next()).done !== true);
      return true;
    } catch (error) {
      if (isMissing(error) || isDamage(error)) return false;
      throw error;
    }
  }

  /** What arrives altered is fetched again as long as nobody has seen it, else told apart from what is damaged in the store. */
  async *#verifiedPieces(content: Content): AsyncGenerator<Uint8Array, void, undefined> {
    if (content.sizeBytes <= pieceBytes) {
      yield await this.#small(content, fetches);
      return;
    }
    try {
      yield* verified(content, this.#place.uri, this.#pieces(content, false));
    } catch (error) {
      throw await this.#blamed(content, error);
    }
  }

  async #fill(file: number, content: Content): Promise<Content> {
    if (content.sizeBytes <= pieceBytes) {
      await writeAll(file, await this.#small(content, fetches));
      return content;
    }
    try {
      const found = await downloadInto(file, this.#object(content));
      if (found.sha256 === content.sha256) return found;
      throw damaged(content, this.#place.uri, `its bytes have the digest ${found.sha256}`);
    } catch (error) {
      throw await this.#blamed(content, error);
    }
  }

  /** An error as it is, or TY1226 where it says that bytes are damaged which the store holds whole. */
  async #blamed(content: Content, error: unknown): Promise<unknown> {
    if (!isDamage(error) || !(await this.#isWhole(content))) return error;
    const message = `artifact sha256:${content.sha256} arrived altered from ${this.#place.uri}`;
    return new TrainyardError('TY1226', message, { cause: error });
  }

  async #small(content: Content, tries: number): Promise<Uint8Array> {
    try {
      return await collect(verified(content, this.#place.uri, this.#pieces(content, false)));
    } catch (error) {
      if (!isDamage(error) || tries === 1) throw error;
      return this.#small(content, tries - 1);
    }
  }

  #pieces(content: Content, reuse: boolean): AsyncGenerator<Uint8Array, void, undefined> {
    return download({ ...this.#object(content), reuse });
  }

  #object(content: Content): Download {
    const { bucket, uri } = this.#place;
    return {
      bucket,
      key: this.#key(content),
      sizeBytes: content.sizeBytes,
      otherSize: (sizeBytes) => damaged(content, uri, `it has ${sizeBytes} bytes, not ${content.sizeBytes}`),
    };
  }

  #key({ sha256 }: Content): string {
    return this.#place.prefix + objectKey(sha256);
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof TrainyardError && error.code === 'TY1202';
}
