/** The tuned flags and the page that explains them. @module */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { tunedFlags } from '../../src/engine/tuning.js';

describe('tunedFlags', () => {
  it('are each explained in docs/engine.md', async () => {
    const page = await readFile(new URL('../../../docs/engine.md', import.meta.url), 'utf8');
    const settings = tunedFlags().flatMap(({ args }) => args.filter((arg) => !arg.startsWith('--')));
    assert.deepEqual(
      settings.filter((setting) => !page.includes(setting)),
      [],
    );
  });

  it('write quoted strings and bare numbers, as the server reads them', () => {
    const settings = tunedFlags().flatMap(({ args }) => args);
    assert(settings.includes('history.timerProcessorMaxTimeShift="10ms"'));
    assert(settings.includes('history.transferProcessorMaxPollRPS=10000'));
  });

  it('are given to the server on PostgreSQL too', async () => {
    const tuning = await readFile(new URL('../../../tools/engine/postgres/tuning.yaml', import.meta.url), 'utf8');
    const dynamic = tunedFlags()
      .flatMap(({ args }) => args)
      .filter((_, index, args) => args[index - 1] === '--dynamic-config-value')
      .map((setting) => setting.replace(/=(.*)$/, (_, value: string) => `: [{ value: ${String(JSON.parse(value))} }]`));
    assert.deepEqual(
      dynamic.filter((line) => !tuning.includes(line)),
      [],
    );
  });

  it('sync every commit where a power cut must lose nothing', () => {
    assert(tunedFlags('full')[0]?.args.includes('synchronous=full'));
  });
});
