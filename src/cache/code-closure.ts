/** The code of a stage: its module and all that it imports inside the project, each file by its digest. @module */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { sha256 } from '../artifacts/digest.js';
import { TrainyardError } from '../contracts/errors.js';
import { mappedImport } from './package-map.js';

/** Digests by path, relative to the project's folder; sorted. */
export type CodeClosure = Readonly<Record<string, string>>;

/** How es-module-lexer marks `import.meta`. */
const importMeta = -2;

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
  const [imports] = parse(source, path);
  const names = imports.filter(({ d: kind }) => kind !== importMeta).map(({ n: name }) => name);
  const found = [...names, ...requiredIn(source)].map((name) => {
    if (name !== undefined) return filesOf(name, path);
    throw new TrainyardError('TY1120', `${path} imports a module by a computed name, which a cached stage may not`);
  });
  return (await Promise.all(found)).flat();
}

/** Names that the source gives to `require`; undefined for one that is computed. */
function requiredIn(source: string): (string | undefined)[] {
  return [...source.matchAll(/(?<![.\w$])require\s*\((?!\s*\))(?:\s*(['"`])([^'"`$]+)\1\s*\))?/g)].map(
    ([, , name]) => name,
  );
}

async function filesOf(name: string, from: string): Promise<string[]> {
  if (/^(\.|\/|file:)/.test(name)) return fileOf(name, from);
  if (name === 'trainyard' || name.startsWith('trainyard/')) return []; // of a version, even where it is linked
  const mapped = mappedImport(name, from);
  if (mapped === undefined) return linkedPackage(name, from);
  const targets = mapped.targets.map((target) => filesOf(target, mapped.map));
  return [mapped.map, ...(await Promise.all(targets)).flat()];
}

/** As `import` finds it, or as `require` does, which adds extensions; none where there is no such file, which is then not loaded either. */
function fileOf(name: string, from: string): string[] {
  const path = fileURLToPath(new URL(name, pathToFileURL(from)));
  const candidates = ['', '.js', '.json', '/index.js'].map((more) => path + more);
  const found = candidates.find((path) => existsSync(path) && statSync(path).isFile());
  return found === undefined ? [] : [found];
}

/** The files of a package that `node_modules` only links to; none of one that is installed, or of Node's own. */
async function linkedPackage(name: string, from: string): Promise<string[]> {
  if (isBuiltin(name)) return [];
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
