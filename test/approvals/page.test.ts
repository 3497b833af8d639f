/** The page on which people decide, in a real browser, and what it refuses. @module */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { startApprovalsPage } from '../../src/approvals/page-server.js';
import { readDecision } from '../../src/records/decisions.js';
import { testEngine } from '../support/engine.js';
import { type BrowserPage, browserOr } from '../support/browser.js';
import { startOidcProvider } from '../support/oidc-provider.js';
import { testSigner } from '../support/pipelines-worker.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { guarded, vouched } from '../workflow/fixtures/contracts.js';
import { withApprovalsPage } from './support.js';

const size = { width: 1_000, height: 900 };
const text = 'document.body.innerText';

/** Types into a form and presses a button of it. */
async function send(page: BrowserPage, fields: Record<string, string>, button: string): Promise<void> {
  for (const [name, value] of Object.entries(fields))
    await page.evaluate(`document.querySelector('[name=${name}]').value = ${JSON.stringify(value)}`);
  await page.evaluate(`document.querySelector(${JSON.stringify(button)}).click()`);
}

describe('the approvals page', function () {
  this.timeout(120_000);

  it('shows the evidence against the champion, and takes decisions of people by name, as claims', async function () {
    const withPage = await browserOr(this);
    await withApprovalsPage({}, async ({ page: { address }, ask, store }) => {
      const { run, url } = await ask(guarded);
      await withPage(size, async (page) => {
        await page.goTo(address);
        // Which runs there are is looked up in Temporal's visibility, which lags behind.
        await page.until(`${text}.includes('One approval is open') || (location.reload(), false)`);
        await page.evaluate(`document.querySelector('.cards a').click()`);
        await page.until(`location.href === ${JSON.stringify(url)} && ${text}.includes('Decide')`);
        const shown = String(await page.evaluate(text));
        for (const words of ['2 people of the role risk must approve', 'started by', 'dan', 'names are claimed'])
          assert.ok(shown.includes(words), `${words} is not in:\n${shown}`);
        const cells = async (row: string) =>
          page.evaluate(
            `[...[...document.querySelectorAll('tr')].find((tr) => tr.cells[0].innerText === ${JSON.stringify(row)}).cells].map((cell) => cell.innerText)`,
          );
        assert.deepEqual(await cells('AUC'), ['AUC', '0.8600', '0.8400', '+0.0200 better', '0.6400']);
        assert.deepEqual(await cells('p95 latency ms'), ['p95 latency ms', '3.20', '4.10', '−0.9000 better']);
        const premium = (await cells('plan = premium')) as string[];
        assert.deepEqual(premium.slice(0, 4), ['plan = premium', '2,100', '0.7800', '−0.0600 worse']);
        assert.ok(shown.includes('region = <b>north</b>'), 'markup in a slice is text');
        assert.equal(await page.evaluate(`document.querySelectorAll('main i, main td b').length`), 0);

        await send(page, { by: 'dan', reason: 'mine' }, '.approve');
        await page.until(`${text}.includes('dan started this run')`);
        assert.equal(await page.evaluate(`document.querySelector('[name=reason]').value`), 'mine');
        await send(page, { by: 'ada', reason: 'report read' }, '.approve');
        await page.until(`${text}.includes('1 of 2') && ${text}.includes('report read')`);
        await send(page, { by: 'bob', reason: 'premium customers are hurt' }, '.reject');
        await page.until(`document.querySelector('h1 .rejected') !== null`);
      });
      const { verdict, by, binding } = await run.result();
      assert.deepEqual({ verdict, by }, { verdict: 'rejected', by: ['ada, claimed', 'bob, claimed'] });
      assert.ok(await readDecision(store, binding, new Map()));
    });
  });

  it('lets people sign in with a token, and decides as whom it names, verified', async function () {
    const withPage = await browserOr(this);
    const provider = await startOidcProvider();
    try {
      await withApprovalsPage({ oidc: { issuer: provider.issuer, audience: 'trainyard' } }, async ({ ask }) => {
        const { run, url } = await ask(vouched);
        await withPage(size, async (page) => {
          await page.goTo(url);
          await page.until(`${text}.includes('Sign in')`);
          assert.ok(!String(await page.evaluate(text)).includes('AUC'), 'evidence is shown to nobody unknown');
          await send(page, { token: await provider.token({ sub: 'ada' }, true) }, '.approve');
          await page.until(`${text}.includes('TY2213')`);
          await send(page, { token: await provider.token({ sub: 'ada' }) }, '.approve');
          await page.until(`${text}.includes('Sign out')`);
          await page.goTo(url);
          await page.until(`${text}.includes('You decide as ada')`);
          await send(page, { reason: 'report read' }, '.approve');
          await page.until(`document.querySelector('h1 .approved') !== null`);
        });
        assert.deepEqual((await run.result()).by, ['ada, verified']);
      });
    } finally {
      provider.close();
    }
  });

  it('takes no form of another site, of another session, for another question, or under another name of its host', async () => {
    await withApprovalsPage({}, async ({ page: { address }, ask }) => {
      const [{ url, run }, other] = [await ask(guarded), await ask(guarded)];
      const first = await fetch(url);
      const cookie = first.headers.get('set-cookie') ?? '';
      assert.match(cookie, /; HttpOnly; SameSite=Strict$/);
      assert.match(first.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
      const form = /name="form" value="([^"]+)"/.exec(await first.text())?.[1] ?? '';
      const post = async (fields: Record<string, string>, headers: Record<string, string> = {}, to = url) => {
        const body = new URLSearchParams({ verdict: 'approved', by: 'ada', reason: 'x', ...fields });
        const sent = { cookie: cookie.split(';')[0] ?? '', origin: address, ...headers };
        const answer = await fetch(to, { method: 'POST', body, headers: sent, redirect: 'manual' });
        return [answer.status, /\[TY\d+\]/.exec(await answer.text())?.[0]];
      };
      assert.deepEqual(await post({ form }, { origin: 'https://evil.example' }), [403, '[TY2216]']);
      assert.deepEqual(await post({ form }, { origin: 'null' }), [403, '[TY2216]']);
      assert.deepEqual(await post({ form }, { cookie: '' }), [403, '[TY2216]']);
      assert.deepEqual(await post({ form: '' }), [403, '[TY2216]']);
      assert.deepEqual(await post({ form }, {}, other.url), [403, '[TY2216]']);
      assert.deepEqual(await post({ form, reason: ' ' }), [409, undefined]);
      assert.deepEqual(await post({ form, reason: 'x'.repeat(70_000) }), [400, undefined]);
      const { port } = new URL(address);
      const rebound = await new Promise<number | undefined>((resolve, reject) => {
        request({ port, headers: { host: `evil.example:${port}` } }, (answer) => resolve(answer.resume().statusCode))
          .on('error', reject)
          .end();
      });
      assert.equal(rebound, 421);
      assert.deepEqual((await run.status()).approvals[0]?.decisions, []);
      assert.equal((await fetch(`${url.slice(0, -64)}${'0'.repeat(64)}`)).status, 404);
      assert.deepEqual(await post({ form }), [303, undefined]);
      await run.workflow.terminate();
      await other.run.workflow.terminate();
    });
  });

  it('knows people by client certificates, and lets nobody in without one', async function () {
    const folder = mkdtempSync(join(tmpdir(), 'trainyard-tls-'));
    try {
      if (!makeCertificates(folder)) {
        console.log('      skipped: no openssl on this machine');
        this.skip();
      }
      const file = (name: string) => readFileSync(join(folder, name));
      const tls = { cert: file('server.crt'), key: file('server.key'), clientCa: file('ca.crt') };
      await withApprovalsPage({ tls }, async ({ ask }) => {
        const { run, url } = await ask(vouched);
        const look = (certificate: object, body?: URLSearchParams, headers = {}) =>
          new Promise<{ status: number | undefined; cookie: string; text: string }>((resolve, reject) => {
            const options = { ca: file('ca.crt'), ...certificate, method: body ? 'POST' : 'GET', headers };
            const sent = requestTls(url, { ...options, agent: false }, (answer) => {
              let text = '';
              answer.setEncoding('utf8').on('data', (part: string) => (text += part));
              answer.on('end', () => {
                resolve({ status: answer.statusCode, cookie: String(answer.headers['set-cookie']), text });
              });
            }).on('error', reject);
            sent.end(body?.toString());
          });
        await assert.rejects(look({}));
        const ada = { cert: file('ada.crt'), key: file('ada.key') };
        const shown = await look(ada);
        assert.match(
          shown.text,
          /<b>ada<\/b> <span class="badge verified">verified<\/span>\s*<span class="quiet">mtls O=Example,CN=ada</,
        );
        const form = /name="form" value="([^"]+)"/.exec(shown.text)?.[1] ?? '';
        const body = new URLSearchParams({ form, verdict: 'approved', reason: 'report read' });
        const headers = {
          cookie: shown.cookie.split(';')[0],
          origin: new URL(url).origin,
          'content-type': 'application/x-www-form-urlencoded',
        };
        assert.equal((await look(ada, body, headers)).status, 303);
        assert.deepEqual((await run.result()).by, ['ada, verified']);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('does not listen beyond this machine where nobody is asked for proof', async () => {
    const { client } = await testEngine();
    const common = { project: 'x', client, store: new MemoryStore(), signer: testSigner, trusted: new Map() };
    const options = { ...common, log: pino({ level: 'silent' }), host: '0.0.0.0' };
    await assert.rejects(startApprovalsPage(options), { code: 'TY2215', message: /nothing says who they are/ });
    const oidc = { issuer: 'https://login.example.com', audience: 'x' };
    await assert.rejects(startApprovalsPage({ ...options, oidc }), { code: 'TY2215', message: /unencrypted/ });
  });
});

/** A CA, a server's certificate and one of ada; false where there is no openssl. */
function makeCertificates(folder: string): boolean {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  try {
    openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/O=Example/CN=ca');
    writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1');
    for (const [name, subject] of [
      ['server', '/CN=127.0.0.1'],
      ['ada', '/O=Example/CN=ada'],
    ] as const) {
      openssl('req', ...key.slice(0, 5), '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
      const signing = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...signing);
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
