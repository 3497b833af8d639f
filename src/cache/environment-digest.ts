/** What a stage's code stands on: the container image, or the lockfile of its packages. @module */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestFile } from '../artifacts/digest.js';
import { TrainyardError } from '../contracts/errors.js';

const lockfiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'];

/**
 * `TRAINYARD_IMAGE_DIGEST` where it is set, else the digest of the nearest lockfile, in the project's folder or above.
 * @throws TrainyardError TY1121 where there is neither: the same code may then stand on other packages.
 */
export async function environmentDigest(projectFolder: string): Promise<string> {
  const image = process.env['TRAINYARD_IMAGE_DIGEST'];
  if (image !== undefined && image !== '') return `image ${image}`;
  for (let folder = projectFolder; ; folder = dirname(folder)) {
    const found = lockfiles.find((name) => existsSync(join(folder, name)));
    if (found !== undefined) return `${found} ${(await digestFile(join(folder, found))).sha256}`;
    if (folder === dirname(folder))
      throw new TrainyardError('TY1121', `project ${projectFolder} has no lockfile, and no image digest is set`);
  }
}
