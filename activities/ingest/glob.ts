/** Patterns of paths and keys. @module */

/** `*` and `?` stay within a folder, `**` crosses folders; undefined for a path without any. */
export function globToRegExp(path: string): RegExp | undefined {
  if (!/[*?]/.test(path)) return undefined;
  const source = path.replace(/\*\*\/|\*\*|[*?]|[\\^$.|+()[\]{}]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    return part === '*' ? '[^/]*' : part === '?' ? '[^/]' : `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}
