/** The documents of the repository. @module */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** dist/test/docs → the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

const below = (folder: string) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);

/** Paths from the root. */
export const documents: readonly string[] = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'AGENTS.md'],
  ...below('docs').filter((file) => file.endsWith('.md')),
  ...below('examples')
    .map((folder) => `${folder}/README.md`)
    .filter((file) => existsSync(join(root, file))),
];
