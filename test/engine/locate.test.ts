/** The five ways to a server, in order. @module */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TrainyardError } from '../../src/contracts/errors.js';
import { cliVersion } from '../../src/engine/build.js';
import { engineCache, locateEngine } from '../../src/engine/locate.js';
import { startHelper, until, withFolder, type Helper } from './support.js';

/** Nothing but what a test puts into `folder` can be found; the port of the proxy is never listened on, so no download succeeds. */
function bare(folder: string): NodeJS.ProcessEnv {
  const proxy = 'http://127.0.0.1:1';
  return { HOME: folder, PATH: join(folder, 'bin'), HTTPS_PROXY: proxy, https_proxy: proxy };
}

async function putExecutable(path: string, text = '#!/bin/sh\n'): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text, { mode: 0o755 });
  return path;
}

/** A `go` that writes down what it is asked, builds only once the file `gate` exists, and makes an executable of a few bytes. */
const slowGo = (folder: string) => `#!/bin/sh
echo "$1" >> '${folder}/go.log'
if [ "$1" = list ]; then printf 'a\\nb\\n'; exit 0; fi
while [ ! -e '${folder}/gate' ]; do /bin/sleep 0.02; done
while [ "$1" != -o ]; do shift; done
/bin/cp /bin/sh "$2"
`;

describe('locateEngine', () => {
  it('takes TEMPORAL_ADDRESS before everything else', async () => {
    await withFolder(async (folder) => {
      await putExecutable(join(folder, 'bin', 'temporal'));
      const found = await locateEngine({
        env: { ...bare(folder), TEMPORAL_ADDRESS: 'temporal.internal:7233', TEMPORAL_NAMESPACE: 'ml' },
      });
      const source = 'TEMPORAL_ADDRESS (temporal.internal:7233)';
      assert.deepEqual(found, {
        kind: 'server',
        connection: { address: 'temporal.internal:7233' },
        namespace: 'ml',
        source,
      });
    });
  });

  it('reads address, namespace, API key and TLS from a Temporal profile', async () => {
    await withFolder(async (folder) => {
      const certificate = join(folder, 'client.pem');
      await writeFile(certificate, 'PEM');
      const file = join(folder, 'temporal.toml');
      const [address, namespace] = ['ml.a1b2c.tmprl.cloud:7233', 'ml.a1b2c'];
      const tls = `[profile.cloud.tls]\nserver_name = "s"\nclient_cert_path = "${certificate}"\nclient_key_data = "KEY"`;
      await writeFile(
        file,
        `[profile.cloud]\naddress = "${address}"\nnamespace = "${namespace}"\napi_key = "k"\n${tls}\n`,
      );
      const found = await locateEngine({
        env: { ...bare(folder), TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'cloud' },
      });
      assert(found.kind === 'server');
      assert.equal(found.source, `Temporal profile "cloud" (${address})`);
      assert.equal(found.namespace, namespace);
      assert.equal(found.connection.apiKey, 'k');
      assert(typeof found.connection.tls === 'object');
      assert.equal(found.connection.tls?.serverNameOverride, 's');
      assert.equal(Buffer.from(found.connection.tls.clientCertPair?.crt ?? []).toString(), 'PEM');
    });
  });

  it('refuses a profile that does not exist, naming it', async () => {
    await withFolder(async (folder) => {
      await assert.rejects(
        locateEngine({ env: { ...bare(folder), TEMPORAL_PROFILE: 'nowhere' } }),
        /nowhere.*\[TY1805\]/s,
      );
    });
  });

  it('takes TRAINYARD_TEMPORAL_CLI before PATH, and PATH before the cache', async () => {
    await withFolder(async (folder) => {
      const env = bare(folder);
      const named = await putExecutable(join(folder, 'mine', 'my-temporal'));
      const onPath = await putExecutable(join(folder, 'bin', 'temporal'));
      await putExecutable(join(engineCache(env), `temporal-cli-${cliVersion}`, 'temporal'));
      const first = await locateEngine({ env: { ...env, TRAINYARD_TEMPORAL_CLI: named } });
      assert.deepEqual(first, { kind: 'binary', path: named, source: `TRAINYARD_TEMPORAL_CLI (${named})` });
      const second = await locateEngine({ env });
      assert.deepEqual(second, { kind: 'binary', path: onPath, source: `temporal on PATH (${onPath})` });
    });
  });

  it('refuses a TRAINYARD_TEMPORAL_CLI that cannot be run instead of passing over it', async () => {
    await withFolder(async (folder) => {
      await putExecutable(join(folder, 'bin', 'temporal'));
      const env = { ...bare(folder), TRAINYARD_TEMPORAL_CLI: join(folder, 'missing') };
      await assert.rejects(
        locateEngine({ env }),
        /TRAINYARD_TEMPORAL_CLI is .*missing, which is not an executable file.*\[TY1805\]/,
      );
    });
  });

  it('finds what was built before in the cache that XDG_CACHE_HOME names', async () => {
    await withFolder(async (folder) => {
      const env = { ...bare(folder), XDG_CACHE_HOME: join(folder, 'xdg') };
      const path = await putExecutable(
        join(folder, 'xdg', 'trainyard', 'engine', `temporal-cli-${cliVersion}`, 'temporal'),
      );
      assert.deepEqual(await locateEngine({ env }), {
        kind: 'binary',
        path,
        source: `built or downloaded before (${path})`,
      });
    });
  });

  it('lists the five ways, each with why it led nowhere', async () => {
    await withFolder(async (folder) => {
      const env = bare(folder);
      const error: unknown = await locateEngine({ env }).catch((reason: unknown) => reason);
      assert(error instanceof TrainyardError);
      assert.equal(error.code, 'TY1801');
      assert.match(
        error.message,
        /1\. .*TEMPORAL_ADDRESS.*\n.*2\. .*TRAINYARD_TEMPORAL_CLI.*\n.*3\. .*cache.*\n.*4\. .*failed to download/,
      );
      assert.match(error.message, /5\. go build.*there is no "go" on PATH/);
      assert.deepEqual(await readdir(engineCache(env)), ['lock']);
    });
  });

  it('says what Go said when the build fails, and leaves nothing behind', async () => {
    await withFolder(async (folder) => {
      const env = bare(folder);
      await putExecutable(join(folder, 'bin', 'go'), '#!/bin/sh\necho "go: module lookup refused" >&2\nexit 3\n');
      await assert.rejects(locateEngine({ env }), /ended with code 3: go: module lookup refused/);
      assert.deepEqual(await readdir(engineCache(env)), ['lock']);
    });
  });

  it('builds once for two processes that need a server at the same time', async () => {
    await withFolder(async (folder) => {
      const env = bare(folder);
      await putExecutable(join(folder, 'bin', 'go'), slowGo(folder));
      const first = startHelper('locate-once', [], env);
      await sayingSoFar(first, /^building a Temporal server/);
      const second = startHelper('locate-once', [], env);
      await sayingSoFar(second, /^another process is getting a Temporal server/);
      await writeFile(join(folder, 'gate'), '');
      await sayingSoFar(first, /^built from tools\/engine/);
      await sayingSoFar(second, /^built or downloaded before/);
      await Promise.all([first.end(), second.end()]);
      assert.equal(await readFile(join(folder, 'go.log'), 'utf8'), 'list\nbuild\n');
      assert.deepEqual((await readdir(engineCache(env))).sort(), ['lock', `temporal-cli-${cliVersion}`]);
    });
  });

  it('builds again, and clears up, after a builder was killed with -9', async () => {
    await withFolder(async (folder) => {
      const env = bare(folder);
      await putExecutable(join(folder, 'bin', 'go'), slowGo(folder));
      const first = startHelper('locate-once', [], env);
      await until(async () => (await readFile(join(folder, 'go.log'), 'utf8').catch(() => '')) === 'list\nbuild\n');
      await first.kill();
      await writeFile(join(folder, 'gate'), '');
      const found = await locateEngine({ env });
      assert.match(found.source, /^built from tools\/engine/);
      assert.deepEqual((await readdir(engineCache(env))).sort(), ['lock', `temporal-cli-${cliVersion}`]);
    });
  });
});

describe('the pinned module', () => {
  it('pins the version that the cache is named by', async () => {
    const module = await readFile(new URL('../../../tools/engine/go.mod', import.meta.url), 'utf8');
    assert.match(module, new RegExp(`github.com/temporalio/cli v${cliVersion.replaceAll('.', '\\.')}`));
  });
});

async function sayingSoFar(helper: Helper, wanted: RegExp): Promise<void> {
  while (!wanted.test(await helper.line()));
}
