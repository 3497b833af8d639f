/**
 * A headless Chromium over its DevTools pipe: just enough to open a page, wait for it and take a picture. CHROMIUM names
 * the executable (default: `chromium` on PATH).
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

// No network but what the page itself asks for, and nothing kept.
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--remote-debugging-pipe',
];
const patienceMs = 60_000;

/** Runs `work` with a page of this size, by a light or dark `scheme` if one is named; the browser and its profile are gone afterwards. */
export async function withPage({ width, height, scheme }, work) {
  const profile = await mkdtemp(join(tmpdir(), 'capture-'));
  const child = spawn(
    process.env.CHROMIUM ?? 'chromium',
    [...flags, `--user-data-dir=${profile}`, `--window-size=${width},${height}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const closed = once(child, 'close');
  try {
    return await work(await openPage(connect(child.stdio[3], child.stdio[4]), { width, height, scheme }));
  } finally {
    child.kill('SIGKILL');
    await closed;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** DevTools messages are JSON, ended by a zero byte. */
function connect(input, output) {
  const waiting = new Map();
  let rest = '';
  let newest = 0;
  output.setEncoding('utf8').on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const { id, result, error } of messages.map((message) => JSON.parse(message))) {
      if (error) waiting.get(id)?.reject(new Error(error.message));
      else waiting.get(id)?.resolve(result);
    }
  });
  return (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      waiting.set(++newest, { resolve, reject });
      input.write(`${JSON.stringify({ id: newest, method, params, sessionId })}\0`);
    });
}

async function openPage(send, { width, height, scheme }) {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const ask = (method, params) => send(method, params, sessionId);
  await ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  if (scheme) await ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  const evaluate = async (expression) => {
    const { result } = await ask('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    return result.value;
  };
  return {
    goTo: (url) => ask('Page.navigate', { url }),
    evaluate,
    /** Until the expression is true in the page. */
    until: async (expression) => {
      for (const end = Date.now() + patienceMs; !(await evaluate(expression)); await delay(100))
        if (Date.now() > end)
          throw new Error(`never true: ${expression}\n${await evaluate('document.body.innerText')}`);
    },
    /** A PNG of the page, or of a part of it. */
    screenshot: async (clip = { x: 0, y: 0, width, height }) => {
      const { data } = await ask('Page.captureScreenshot', { format: 'png', clip: { ...clip, scale: 1 } });
      return Buffer.from(data, 'base64');
    },
  };
}
