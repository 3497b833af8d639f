/** What names of package.json's `imports` and `exports` may stand for: every target, under whatever condition. @module */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** The package.json that Node goes by for a module. */
interface OwnPackage extends z.output<typeof PackageJson> {
  readonly path: string;
}

const PackageJson = z.object({
  name: z.string().optional(),
  imports: z.unknown().optional(),
  exports: z.unknown().optional(),
});

/**
 * What `name` (`#nets/small.js`, or the package's own name) may load from the module `from`: the package.json that says so, and its targets, which are
 * paths or names of other packages. Undefined for any other name.
 * Source of the rules: https://nodejs.org/docs/latest-v20.x/api/packages.html#subpath-patterns.
 */
export function mappedImport(
  name: string,
  from: string,
): { readonly map: string; readonly targets: string[] } | undefined {
  const own = ownPackage(dirname(from));
  if (own === undefined) return undefined;
  const folder = dirname(own.path);
  const within = name.startsWith('#') ? name : subpathOf(name, own);
  if (within === undefined) return undefined;
  const map = name.startsWith('#') ? own.imports : asSubpaths(own.exports);
  const targets = targetsOf(map, within).map((target) => (target.startsWith('./') ? join(folder, target) : target));
  return { map: own.path, targets };
}

function ownPackage(folder: string): OwnPackage | undefined {
  const path = join(folder, 'package.json');
  if (existsSync(path)) return { path, ...PackageJson.parse(JSON.parse(readFileSync(path, 'utf8'))) };
  const parent = dirname(folder);
  return parent === folder ? undefined : ownPackage(parent);
}

/** `.` or `./x` where the name is the package's own, which Node lets it use once it has exports. */
function subpathOf(name: string, { name: own, exports }: OwnPackage): string | undefined {
  if (own === undefined || exports === undefined) return undefined;
  return name === own || name.startsWith(`${own}/`) ? `.${name.slice(own.length)}` : undefined;
}

/** `exports` may be the target of `.` alone. */
function asSubpaths(exports: unknown): unknown {
  const isMap =
    typeof exports === 'object' && exports !== null && Object.keys(exports).some((key) => key.startsWith('.'));
  return isMap ? exports : { '.': exports };
}

/** Of all patterns that match: the nearest one is Node's choice, and counting more than that is only careful. */
function targetsOf(map: unknown, name: string): string[] {
  return Object.entries(map ?? {}).flatMap(([key, target]) => {
    const [before = '', after] = key.split('*');
    if (after === undefined) return key === name ? leaves(target) : [];
    if (!name.startsWith(before) || !name.endsWith(after) || name.length < key.length) return [];
    const part = name.slice(before.length, name.length - after.length);
    return leaves(target).map((leaf) => leaf.replaceAll('*', part));
  });
}

/** Targets stand below conditions, and in lists of which the first that will do is taken. */
function leaves(target: unknown): string[] {
  if (typeof target === 'string') return [target];
  return Object.values(target ?? {}).flatMap(leaves);
}
