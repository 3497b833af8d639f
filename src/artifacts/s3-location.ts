/** What an `s3:` uri names: a bucket, a place in it, and how to reach it. No uri carries credentials. @module */
import { TrainyardError } from '../contracts/errors.js';

/** Server-side encryption that is demanded; the store fails where it is not confirmed. */
export interface Encryption {
  readonly algorithm: 'AES256' | 'aws:kms';
  /** Id, ARN or alias; the account's own key for S3 where absent. */
  readonly kmsKey?: string;
}

/** A place in S3. What is absent is as AWS's own settings say: environment, profile, instance. */
export interface S3Location {
  readonly bucket: string;
  /** As written after the bucket, without a slash in front. */
  readonly path: string;
  readonly endpoint?: string;
  readonly region?: string;
  /** `endpoint/bucket` instead of `bucket.endpoint`. */
  readonly pathStyle?: boolean;
  readonly encryption?: Encryption;
}

const options = ['endpoint', 'region', 'pathStyle', 'encryption', 'kmsKey'] as const;
type Option = (typeof options)[number];

/**
 * Reads `s3://BUCKET/PATH?endpoint=URL&region=R&pathStyle=true&encryption=AES256|aws:kms&kmsKey=K`; every option may be absent.
 * Path-style addresses are the default where an endpoint is given, by `endpoint` or by AWS_ENDPOINT_URL_S3. Throws TY1204.
 */
export function parseS3Uri(uri: string): S3Location {
  const refuse = (why: string): never => {
    throw new TrainyardError('TY1204', `"${withoutSecrets(uri)}" does not name a place in S3: ${why}`, {
      remedy: 'Write s3://bucket/prefix, options after "?": endpoint, region, pathStyle, encryption, kmsKey',
    });
  };
  const [, bucket = '', path = '', query = ''] = /^s3:\/\/([^/?]*)\/?([^?]*)\??(.*)$/s.exec(uri) ?? refuse('no bucket');
  if (/[@:]/.test(bucket) || /(^|&)\w*(access_?key|secret|token)\w*=/i.test(query))
    refuse('credentials never stand in a uri: they come from AWS settings (AWS_ACCESS_KEY_ID, a profile, a role)');
  if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i.test(bucket)) refuse(`"${bucket}" cannot be a bucket`);
  const given = new URLSearchParams(query);
  const unknown = [...given.keys()].find((name) => !options.some((option) => option === name));
  if (unknown !== undefined) refuse(`there is no option "${unknown}"`);
  const value = (name: Option) => given.get(name) ?? undefined;
  const endpoint = value('endpoint');
  if (endpoint !== undefined && !isHttp(endpoint))
    refuse(`the endpoint "${endpoint}" is not an http: or https: address`);
  const pathStyle = value('pathStyle');
  if (pathStyle !== undefined && !['true', 'false'].includes(pathStyle)) refuse('pathStyle is neither true nor false');
  const algorithm = value('encryption');
  const kmsKey = value('kmsKey');
  if (algorithm !== undefined && algorithm !== 'AES256' && algorithm !== 'aws:kms')
    return refuse(`encryption is "${algorithm}", neither AES256 nor aws:kms`);
  if (kmsKey !== undefined && algorithm !== 'aws:kms') refuse('a kmsKey needs encryption=aws:kms');
  const region = value('region');
  return {
    bucket,
    path,
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(pathStyle !== undefined && { pathStyle: pathStyle === 'true' }),
    ...(algorithm && { encryption: { algorithm, ...(kmsKey !== undefined && { kmsKey }) } }),
  };
}

/** The uri of a location, options in a fixed order. */
export function s3UriOf({ bucket, path, endpoint, region, pathStyle, encryption }: S3Location): string {
  const given: Record<Option, string | undefined> = {
    endpoint,
    region,
    pathStyle: pathStyle?.toString(),
    encryption: encryption?.algorithm,
    kmsKey: encryption?.kmsKey,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value);
  return `s3://${bucket}${path === '' ? '' : `/${path}`}${query.size > 0 ? `?${query.toString()}` : ''}`;
}

function isHttp(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}

/** For messages: whatever stands before an `@`, or after a `=` that is not one of our options, may be a secret. */
function withoutSecrets(uri: string): string {
  const shown = new RegExp(`([?&])(?!(?:${options.join('|')})=)(\\w+)=[^&]*`, 'g');
  return uri.replace(/\/\/[^/@]*@/, '//…@').replace(shown, '$1$2=…');
}
