/** The page of errors against the table of codes. @module */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { errorCodes } from '../../src/contracts/errors.js';

// dist/test/contracts → docs
const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
const sections = [...page.matchAll(/^## (TY\d{4}) (.+)\n\n([^]*?)(?=\n## |$(?![^]))/gm)].map(
  ([, code, title, text]) => ({
    code: code ?? '',
    title: title ?? '',
    text: text ?? '',
  }),
);
const codes = Object.keys(errorCodes).sort();

describe('docs/errors.md', () => {
  it('has one section for each code, in order, and none besides', () => {
    assert.deepEqual(
      sections.map(({ code }) => code),
      codes,
    );
  });

  it('says in each section why the error exists and what to do', () => {
    for (const { code, title, text } of sections)
      assert.ok(title.length > 5 && text.length > 80, `the section of ${code} says too little`);
  });

  it('lists the errors after which Trainyard tries again', () => {
    const sentence = /Tried again without your doing anything: ([^.]+)\./.exec(page)?.[1];
    const retried = codes.filter((code) => errorCodes[code as keyof typeof errorCodes].retried);
    assert.deepEqual(sentence?.split(', '), retried);
  });
});
