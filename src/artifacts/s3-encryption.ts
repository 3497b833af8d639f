/** Encryption that was demanded must be confirmed: a server that does not know the headers ignores them without a word. @module */
import type { ServerSideEncryption } from '@aws-sdk/client-s3';
import { TrainyardError } from '../contracts/errors.js';
import type { Encryption } from './s3-location.js';

/** What a server says of an object or an upload. */
export interface Confirmation {
  readonly ServerSideEncryption?: ServerSideEncryption | undefined;
  readonly SSEKMSKeyId?: string | undefined;
}

/** Headers that demand it. */
export function demandOf(encryption: Encryption | undefined): Confirmation {
  if (encryption === undefined) return {};
  const { algorithm, kmsKey } = encryption;
  return { ServerSideEncryption: algorithm, ...(kmsKey !== undefined && { SSEKMSKeyId: kmsKey }) };
}

/** Whether a server says that it encrypted as demanded. It names a key by its ARN; an alias cannot be compared. */
export function isHonoured(encryption: Encryption | undefined, said: Confirmation): boolean {
  if (encryption === undefined) return true;
  const { algorithm, kmsKey } = encryption;
  if (said.ServerSideEncryption !== algorithm) return false;
  if (kmsKey === undefined || /(^|:)alias\//.test(kmsKey)) return true;
  const key = said.SSEKMSKeyId ?? '';
  return key === kmsKey || key.endsWith(`/${kmsKey}`) || key.endsWith(`:${kmsKey}`);
}

/** Throws TY1225 unless it did; `stored` names what lies there now, or says that nothing does. */
export function assertHonoured(encryption: Encryption | undefined, said: Confirmation, stored: string): void {
  if (encryption === undefined || isHonoured(encryption, said)) return;
  const { algorithm, kmsKey } = encryption;
  const demand = kmsKey === undefined ? algorithm : `${algorithm} with the key ${kmsKey}`;
  const answer = said.ServerSideEncryption ?? 'nothing';
  const key = said.SSEKMSKeyId === undefined ? '' : ` with the key ${said.SSEKMSKeyId}`;
  throw new TrainyardError(
    'TY1225',
    `encryption by ${demand} was demanded, the server confirms ${answer}${key}: ${stored}`,
  );
}
