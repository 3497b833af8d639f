/** A later version of this package, as far as others can tell: a copy that writes one more field into all that it writes. @module */
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The later version's command, and its copy of the project. */
export interface NextVersion {
  readonly command: string;
  readonly configUrl: string;
}

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const more = 'fromTheNextVersion: { some: true }, ';

/** Where it writes what, and what stands there in the compiled code of this version. */
const written: readonly (readonly [string, RegExp])[] = [
  // Checkpoints and bases; the start of an attempt; the envelope; what a trainer is told.
  ['records/checkpoints.js', /version: 1,/g],
  ['records/attempt-log.js', /(?<=\{ )event: 'start',/g],
  ['activity/run-attempt.js', /(?<=return \{ )output,/g],
  ['trainer/run-trainer.js', /protocol: protocolVersion,/g],
];

/** Copies the compiled code below `folder` and changes it. */
export async function makeNextVersion(folder: string): Promise<NextVersion> {
  await mkdir(folder, { recursive: true });
  for (const part of ['package.json', 'dist/src', 'dist/test/faults', 'dist/test/integration/project'])
    await cp(join(repository, part), join(folder, part), { recursive: true });
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'));
  for (const [file, pattern] of written) {
    const path = join(folder, 'dist/src', file);
    const code = await readFile(path, 'utf8');
    const changed = code.replace(pattern, (match) => more + match);
    if (changed === code) throw new Error(`${file} writes nothing that looks like ${String(pattern)}`);
    await writeFile(path, changed);
  }
  return {
    command: join(folder, 'dist/src/cli/main.js'),
    configUrl: pathToFileURL(join(folder, 'dist/test/faults/project/trainyard.config.js')).href,
  };
}
