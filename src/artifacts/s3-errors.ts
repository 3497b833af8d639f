/** What an S3 server's answers mean: wait and try again, an answer the caller asked for, or an error for people. @module */
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** Where a request went, for messages. */
export interface Target {
  /** `s3://bucket`, with the endpoint where it is not AWS's own. */
  readonly where: string;
  readonly bucket: string;
}

const accessCodes = [
  'AccessDenied',
  'AllAccessDisabled',
  'AccountProblem',
  'AuthorizationHeaderMalformed',
  'ExpiredToken',
  'ExpiredTokenException',
  'Forbidden',
  'InvalidAccessKeyId',
  'InvalidToken',
  'KMS.DisabledException',
  'KMS.NotFoundException',
  'PermanentRedirect',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
];
const fullCodes = ['InsufficientCapacity', 'QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded'];
/** Refused for now; the request itself is right. Among them what a proxy or a bad line has altered on its way up. */
const passingCodes = [
  'BadDigest',
  'ConditionalRequestConflict',
  'IncompleteBody',
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'SlowDown',
  'ServiceUnavailable',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
];

/** What a try of an operation throws when another one may succeed. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

/** Name of the error that the server gave, such as `NoSuchKey`; of the exception where it gave none. */
export function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** The HTTP status of an answer; undefined where no answer came. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  // What the SDK attaches to each of its exceptions.
  return (error.$metadata as { readonly httpStatusCode?: number }).httpStatusCode;
}

/** Whether the object or the upload is not there. A missing bucket or key of encryption is another matter. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && ['NoSuchKey', 'NoSuchUpload', 'NotFound'].includes(codeOf(error));
}

/** Whether a condition (`If-None-Match`, `If-Match`) did not hold. */
export function isPrecondition(error: unknown): boolean {
  return statusOf(error) === 412;
}

/** Whether the same request may succeed a moment later: nothing answered, the answer broke off, or the server says so. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error);
  if (status === undefined) return isBroken(error);
  if (fullCodes.includes(codeOf(error))) return false;
  // An error in an answer of 200: an upload that could not be completed, or a body that is not what it should be.
  return (
    status < 300 ||
    status === 408 ||
    status === 429 ||
    (status >= 500 && status !== 501 && status !== 507) ||
    passingCodes.includes(codeOf(error))
  );
}

/** A connection that could not be made or did not last. */
function isBroken(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof TryAgain || error.name === 'TimeoutError' || error.name === 'AbortError') return true;
  const code = 'code' in error ? String(error.code) : '';
  return /^(E[A-Z]+|EAI_\w+|HPE_\w+|ERR_STREAM_PREMATURE_CLOSE|ERR_HTTP2?_\w+)$/.test(code);
}

/** A certificate that Node does not accept: no next try will. */
function isUntrusted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /CERT|TLS|SIGNATURE/.test(String(error.code));
}

/** The same as an error for people; undefined for one that is not theirs to mend. */
export function explained(error: unknown, { where, bucket }: Target): TrainyardError | undefined {
  if (error instanceof TrainyardError) return error;
  const code = codeOf(error);
  const status = statusOf(error);
  const said = `${code}: ${messageOf(error)}`;
  const cause = { cause: error };
  if (code === 'CredentialsProviderError')
    return new TrainyardError('TY1222', `no credentials for ${where}: ${messageOf(error)}`, cause);
  if (messageOf(error) === 'Region is missing')
    return new TrainyardError('TY1221', `no region is set for ${where}`, {
      ...cause,
      remedy: 'Set AWS_REGION, or write ?region=… into the uri of the store',
    });
  if (code === 'NoSuchBucket') return new TrainyardError('TY1220', `there is no bucket ${bucket} at ${where}`, cause);
  if (/^Request(TimeTooSkewed|Expired)$/.test(code))
    return new TrainyardError(
      'TY1224',
      `${where} refuses requests of this machine's clock (${new Date().toISOString()})`,
      cause,
    );
  if (fullCodes.includes(code) || status === 507)
    return new TrainyardError('TY1203', `${where} is full (${said})`, cause);
  if (accessCodes.includes(code) || status === 401 || status === 403 || status === 301)
    return new TrainyardError('TY1221', `${where} refuses access (${said})`, cause);
  if (isPassing(error) || isUntrusted(error)) return unreachable(error, where);
  return status === undefined ? undefined : new TrainyardError('TY1227', `${where} refuses a request (${said})`, cause);
}

function unreachable(error: unknown, where: string): TrainyardError {
  const status = statusOf(error);
  const what = status === undefined ? `${where} cannot be reached` : `${where} keeps failing (status ${status})`;
  return new TrainyardError('TY1223', `${what}: ${causeOf(error)}`, { cause: error });
}

/** Where both IPv6 and IPv4 failed, Node's message is empty and the reasons lie below it. */
function causeOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return messageOf(error) || codeOf(error);
}
