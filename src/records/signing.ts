/** Ed25519 signatures of records: who published a head can be checked by whoever trusts the key. @module */
import {
  createHash,
  randomUUID,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isErrno, linkNew } from '../artifacts/durable-files.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** A signature beside a record's body. */
export const Signature = z.object({
  /** First 16 hexadecimal digits of the sha256 of the public key (SPKI, DER). */
  keyId: z.string(),
  algorithm: z.literal('Ed25519'),
  /** Base64. */
  value: z.string(),
});
export type Signature = z.output<typeof Signature>;

/** How far a record's author is known. */
export type Authorship =
  { readonly state: 'verified' | 'unknown-key'; readonly keyId: string } | { readonly state: 'unsigned' };

/** Signs what a process publishes. */
export interface Signer {
  readonly keyId: string;
  readonly publicKey: KeyObject;
  sign(message: string): Signature;
}

/** Public keys by id. None at all: nobody said whom to trust. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

const privateName = 'signing.pem';
const publicSuffix = '.pub.pem';

/** Where a project's keys lie when nothing else is said. */
function keysFolder(projectFolder: string): string {
  return join(projectFolder, '.trainyard', 'keys');
}

/**
 * The signer of a project's workers: the PEM file that TRAINYARD_SIGNING_KEY names, else `.trainyard/keys/signing.pem`, made when it is first
 * needed, with its public half beside it for readers on this machine. Throws TY1311 for a file that holds no Ed25519 key.
 */
export function openSigner(projectFolder: string): Signer {
  const named = process.env['TRAINYARD_SIGNING_KEY'];
  if (named !== undefined) return signerOf(readKey(named, createPrivateKey));
  const folder = keysFolder(projectFolder);
  const file = join(folder, privateName);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  // Where two workers begin at once, the file that was there first holds for both.
  placeNew(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  const key = readKey(file, createPrivateKey);
  const signer = signerOf(key);
  const spki = createPublicKey(key).export({ type: 'spki', format: 'pem' });
  placeNew(join(folder, signer.keyId + publicSuffix), spki, 0o644);
  return signer;
}

/**
 * The keys that readers trust: those of the file or folder of PEM files that TRAINYARD_TRUSTED_KEYS names, else those below `.trainyard/keys`.
 * Throws TY1311 for a file that holds none.
 */
export function trustedKeys(projectFolder: string): TrustedKeys {
  const named = process.env['TRAINYARD_TRUSTED_KEYS'];
  const keys = filesOf(named ?? keysFolder(projectFolder), named !== undefined).map((file) =>
    readKey(file, createPublicKey),
  );
  return new Map(keys.map((key) => [keyIdOf(key), key]));
}

/** A signer over a key pair in memory. */
export function signerOf(privateKey: KeyObject): Signer {
  const publicKey = createPublicKey(privateKey);
  const keyId = keyIdOf(publicKey);
  return {
    keyId,
    publicKey,
    sign: (message) => ({
      keyId,
      algorithm: 'Ed25519',
      value: sign(null, Buffer.from(message), privateKey).toString('base64'),
    }),
  };
}

/** Who signed a message. Throws TY1310 for a signature of a known key that does not fit, with `what` in its words. */
export function authorOf(
  message: string,
  signature: Signature | undefined,
  trusted: TrustedKeys,
  what: string,
): Authorship {
  if (signature === undefined) return { state: 'unsigned' };
  const { keyId, value } = signature;
  const key = trusted.get(keyId);
  if (key === undefined) return { state: 'unknown-key', keyId };
  if (verify(null, Buffer.from(message), key, Buffer.from(value, 'base64'))) return { state: 'verified', keyId };
  throw new TrainyardError('TY1310', `${what} has a signature that is not of its words (key ${keyId})`);
}

/** The id of a public key. */
export function keyIdOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

/** Writes a whole file where there is none. */
function placeNew(file: string, text: string | Buffer, mode: number): void {
  const temporary = `${file}.${randomUUID()}`;
  writeFileSync(temporary, text, { mode, flag: 'wx' });
  try {
    linkNew(temporary, file);
  } finally {
    rmSync(temporary);
  }
}

function filesOf(path: string, isNamed: boolean): string[] {
  try {
    if (statSync(path).isFile()) return [path];
    return readdirSync(path)
      .filter((name) => name.endsWith(publicSuffix))
      .sort()
      .map((name) => join(path, name));
  } catch (cause) {
    if (!isNamed && isErrno(cause, 'ENOENT')) return [];
    throw new TrainyardError('TY1311', `the trusted keys at ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function readKey(file: string, parse: (pem: Buffer) => KeyObject): KeyObject {
  try {
    const key = parse(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new Error(`it is of the type ${key.asymmetricKeyType ?? 'secret'}`);
  } catch (cause) {
    throw new TrainyardError('TY1311', `${file} holds no Ed25519 key: ${messageOf(cause)}`, { cause });
  }
}
