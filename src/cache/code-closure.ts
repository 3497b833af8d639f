/** The code of a stage: its module and all that it imports inside the project, each file by its digest. @module */
import { existsSync, realpathSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { sha256 } from '../artifacts/digest.js';
import { TrainyardError } from '../contracts/errors.js';

/** Digests by path, relative to the project's folder; sorted. */
export type CodeClosure = Readonly<Record<string, string>>;

const scripts = new Set(['.js', '.mjs', '.cjs', '.jsx']);

/**
 * Follows static imports, and dynamic ones with a literal name, from the built module `file`. What lies in `node_modules` is left to the
 * lockfile, except a package that is only linked there (a workspace): all its files count. Python counts with every script of its folder.
 * @throws TrainyardError TY1120 for an import by a computed name: nobody can say what it loads.
 */
export async function codeClosure(file: string, projectFolder: string): Promise<CodeClosure> {
  await init;
  const digests = new Map<string, string>();
  const waiting = extname(file) === '.py' ? await filesBelow(dirname(file), (name) => name.endsWith('.py')) : [file];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const name = relative(projectFolder, path).split(sep).join('/');
    if (digests.has(name)) continue;
    const source = await readFile(path);
    digests.set(name, sha256(source));
    if (scripts.has(extname(path))) waiting.push(...(await importsOf(path, source.toString())));
  }
  return Object.fromEntries([...digests].sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function importsOf(path: string, source: string): Promise<string[]> {
  const found: string[] = [];
  const [imports] = parse(source, path);
  for (const { n: name, d: kind } of imports) {
    if (kind === -2) continue; // import.meta
    if (name === undefined)
      throw new TrainyardError('TY1120', `${path} imports a module by a computed name, which a cached stage may not`);
    if (/^(\.|\/|file:)/.test(name)) found.push(fileURLToPath(new URL(name, pathToFileURL(path))));
    else found.push(...(await linkedPackage(name, path)));
  }
  return found;
}

/** The files of a package that `node_modules` only links to; none of one that is installed, or of Node's own. */
async function linkedPackage(name: string, from: string): Promise<string[]> {
  if (name.startsWith('node:') || name.startsWith('#')) return [];
  const parts = name.split('/').slice(0, name.startsWith('@') ? 2 : 1);
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', ...parts);
    if (existsSync(place)) {
      const real = realpathSync(place);
      return real.split(sep).includes('node_modules') ? [] : filesBelow(real, () => true);
    }
    if (folder === dirname(folder)) return [];
  }
}

async function filesBelow(folder: string, counts: (name: string) => boolean): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) files.push(...(await filesBelow(path, counts)));
    else if (entry.isFile() && counts(entry.name)) files.push(path);
  }
  return files;
}
