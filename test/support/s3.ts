/** One S3 server for a whole test run, started by the first test that asks, in a temporary folder; ended at the end. @module */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { installServer, versitygw } from '../../tools/s3/install.js';
import { makeBucket, type S3Server, startVersitygw } from '../../tools/s3/start.js';

/** A bucket of a server of this test run. */
export interface TestBucket {
  readonly server: S3Server;
  readonly bucket: string;
  /** Where the server keeps the bucket: what a disk may do to objects can be done there. */
  readonly folder: string;
  /** Uri of a store at a prefix of its own. */
  readonly newStore: () => string;
}

let shared: Promise<TestBucket> | undefined;

/** The test run's bucket. Its keys are in the environment from now on, as every user's are. */
export function testBucket(): Promise<TestBucket> {
  return (shared ??= start());
}

async function start(): Promise<TestBucket> {
  const server = await startVersitygw(await installServer(versitygw, tell));
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = server.env;
  const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
  Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ...quiet });
  const bucket = 'tests';
  const folder = join(server.folder, 'data', bucket);
  await makeBucket(server, bucket);
  const newStore = () => `s3://${bucket}/${randomUUID()}?endpoint=${server.endpoint}`;
  return { server, bucket, folder, newStore };
}

function tell(line: string): void {
  console.error(line);
}

/** A root hook: see .mocharc.json. Where there is no server yet it is built now: minutes that no test's own timeout allows for. */
export async function mochaGlobalSetup(): Promise<void> {
  await installServer(versitygw, tell);
}

/** A root hook, too. */
export async function mochaGlobalTeardown(): Promise<void> {
  if (shared !== undefined) await (await shared).server.stop();
}
