/** Generated documents that people write into: what stands between marks is generated anew, everything else is theirs. @module */

const block = /^[^\n]*trainyard:begin (\w+)[^\n]*\n[^]*?^[^\n]*trainyard:end \1[^\n]*$/gm;

/**
 * The document that people have, with the blocks of the fresh one; a block that they have taken out stays out. Undefined for a document without
 * marks: it is not ours.
 */
export function keepOwn(existing: string, fresh: string): string | undefined {
  const blocks = new Map([...fresh.matchAll(block)].map(([text, name = '']) => [name, text]));
  if (existing.search(block) < 0) return undefined;
  return existing.replaceAll(block, (text: string, name: string) => blocks.get(name) ?? text);
}
