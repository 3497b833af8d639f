/** The code in README.md against the files it was taken from, which are compiled and run. @module */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

// dist/test/examples → the repository
const repository = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, repository), 'utf8');
const excerpts = [...read('README.md').matchAll(/<!-- (\S+) -->\n```ts\n([^]*?)```/g)].map(([, path, code]) => ({
  path: path ?? '',
  lines: (code ?? '').split('\n').filter((line) => line.trim() !== '' && line.trim() !== '// …'),
}));

describe("README's code", () => {
  it('is there', () => {
    assert.equal(excerpts.length, 4);
  });

  for (const { path, lines } of excerpts)
    it(`stands line by line in ${path}`, () => {
      const file = read(path).split('\n');
      let at = 0;
      for (const line of lines) {
        const found = file.indexOf(line, at);
        assert.ok(found >= 0, `not in ${path}, or not in this order: ${line}`);
        at = found + 1;
      }
    });
});
