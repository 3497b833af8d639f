/** Links within the documents, to files and to headings. @module */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { documents, root } from './documents.js';

/** What code blocks hold is no link. */
const proseOf = (file: string) => readFileSync(join(root, file), 'utf8').replace(/^```[^]*?^```/gm, '');

/** As GitHub makes them; of several equal headings the later ones are numbered. */
function anchorsOf(file: string): Set<string> {
  const seen = new Map<string, number>();
  return new Set(
    [...proseOf(file).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => {
      const words = heading.toLowerCase().replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
      const slug = words
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-');
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}

describe('a link in the documents', () => {
  for (const file of documents)
    it(`of ${file} leads to a file and a heading that there are`, () => {
      for (const [, target = ''] of proseOf(file).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const to = path === '' ? file : join(dirname(file), path);
        assert.ok(existsSync(join(root, to)), `${target}: no such file`);
        if (anchor !== undefined && to.endsWith('.md'))
          assert.ok(anchorsOf(to).has(anchor), `${target}: no such heading`);
      }
    });
});
