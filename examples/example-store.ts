/** The store of `--store s3`: a bucket of a server that runs as long as the example. @module */
import { join } from 'node:path';
import { installServer, versitygw } from '../tools/s3/install.js';
import { makeBucket, startVersitygw } from '../tools/s3/start.js';

/** The environment of trainyard.config.ts that keeps artifacts there. */
export const s3Environment = 's3';

/**
 * Starts versitygw, built first where this user has none yet; its data lie below `.trainyard/s3` and are there again next time. This process and
 * those that it starts find it by the variables that every AWS tool reads. Gives what ends it.
 */
export async function startS3(projectFolder: string, say: (line: string) => void): Promise<() => Promise<void>> {
  const binary = await installServer(versitygw, say);
  const server = await startVersitygw(binary, { folder: join(projectFolder, '.trainyard', 's3') });
  await makeBucket(server, 'trainyard-examples');
  // The user's own account has no part in this.
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_DEFAULT_REGION'])
    Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, server.env);
  say(`store: versitygw at ${server.endpoint}, bucket trainyard-examples`);
  return () => server.stop();
}
