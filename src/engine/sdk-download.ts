/** The Temporal SDK's own download of its development server. @module */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * The SDK downloads a server only on the way to starting one. That takes a process of its own: in ours it would install the SDK's
 * `Runtime` with its signal handlers, before a worker can install its own.
 */
const script = `
const { TestWorkflowEnvironment } = await import('@temporalio/testing');
const executable = { type: 'cached-download', downloadDir: process.argv[1] };
const environment = await TestWorkflowEnvironment.createLocal({ server: { executable } });
await environment.teardown();
`;

/** Downloads the server that fits the SDK to `target`; rejects with the SDK's reason. Call it under a lock. */
export async function downloadServer(target: string, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = join(dirname(dirname(target)), `.downloading-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  try {
    const args = ['--input-type=module', '--eval', script, folder];
    // The bare import is resolved from the working folder: this package's, not the user's.
    await promisify(execFile)(process.execPath, args, { cwd: fileURLToPath(new URL('.', import.meta.url)), env });
    const [name] = await readdir(folder);
    if (name === undefined) throw new Error('the SDK started a server that it did not leave in its download folder');
    await mkdir(dirname(target), { recursive: true });
    await rename(join(folder, name), target);
  } catch (error) {
    throw new Error(reasonIn(error), { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The line that names the error, out of the stack that Node prints when a script throws. */
function reasonIn(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  const line = text.split('\n').find((candidate) => /^\s*(\[?\w*(Error|Failure)\b|.*failed)/i.test(candidate));
  return (line ?? text)
    .trim()
    .replace(/^\[|\]$/g, '')
    .slice(0, 600);
}
