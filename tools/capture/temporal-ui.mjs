/**
 * Takes a picture of a real run of example 01 in Temporal's UI. Needs Chromium (CHROMIUM names it where it is not on PATH).
 *
 *     npm start && node tools/capture/temporal-ui.mjs    # writes docs/images/temporal-ui.png
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { withPage } from './browser.mjs';

// Down to the end of the timeline.
const size = { width: 1280, height: 966 };
const example = fileURLToPath(new URL('../../dist/examples/01-flight-delays/start.js', import.meta.url));

const run = spawn(process.execPath, [example, '--keep'], { stdio: ['ignore', 'pipe', 'inherit'] });
const ended = once(run, 'close');
try {
  const png = await withPage(size, async (page) => {
    await page.goTo(await addressOfRun(run.stdout));
    await page.until(`document.body.innerText.includes('monitor') && document.body.innerText.includes('Completed')`);
    return page.screenshot();
  });
  writeFileSync(new URL('../../docs/images/temporal-ui.png', import.meta.url), png);
} finally {
  run.kill('SIGINT');
  await ended;
}

/** What the example prints once all is done and stays up. */
async function addressOfRun(output) {
  let address;
  for await (const line of createInterface({ input: output })) {
    address ??= /^Temporal: (\S+)$/.exec(line)?.[1];
    if (line.startsWith('everything stays up')) break;
  }
  if (address === undefined) throw new Error('the example did not come to its end');
  return address;
}
