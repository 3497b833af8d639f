/** One server for a project: started once, shared, ended by the last. @module */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { connectEngine } from '../../src/engine/connect-engine.js';
import { engineStatus, stopEngine } from '../../src/engine/start.js';
import { startHelper, withFolder } from './support.js';
import { ownEnv, withProject } from './with-engine.js';

const Joined = z.object({ address: z.string(), startedByUs: z.boolean() });
const parseLine = (line: string) => Joined.parse(JSON.parse(line));

describe('a project’s engine', () => {
  it('is shared by two commands that start at the same time, and ended by the last', async () => {
    await withProject(async ({ projectFolder, pids }) => {
      const commands = [
        startHelper('use-engine', [projectFolder], ownEnv),
        startHelper('use-engine', [projectFolder], ownEnv),
      ];
      const [one, other] = await Promise.all(commands.map(async ({ line }) => parseLine(await line())));
      assert.equal(one?.address, other?.address);
      assert.deepEqual([one?.startedByUs, other?.startedByUs].sort(), [false, true]);
      const starter = one?.startedByUs ? 0 : 1;
      await commands[starter]!.end();
      assert.equal((await pids()).length, 1);
      await commands[1 - starter]!.end();
      assert.deepEqual(await pids(), []);
    });
  });

  it('is ended by the next command after the one that started it was killed with -9', async () => {
    await withProject(async ({ projectFolder, connect, pids }) => {
      const command = startHelper('use-engine', [projectFolder], ownEnv);
      const { address } = parseLine(await command.line());
      await command.kill();
      const engine = await connect();
      assert.deepEqual([engine.address, engine.startedByUs], [address, false]);
      await engine.release();
      assert.deepEqual(await pids(), []);
    });
  });

  it('stays when it was started to be kept, until it is stopped', async () => {
    await withProject(async ({ projectFolder, connect }) => {
      await (await connect({ keep: true })).release();
      const user = await connect();
      const status = await engineStatus({ projectFolder });
      assert(status.state === 'running');
      assert.deepEqual([status.kept, status.users], [true, 1]);
      await assert.rejects(stopEngine({ projectFolder }), /in use by 1 running command\b.*\[TY1807\]/);
      await user.release();
      assert.equal(await stopEngine({ projectFolder }), true);
      assert.equal((await engineStatus({ projectFolder })).state, 'stopped');
      assert.equal(await stopEngine({ projectFolder }), false);
    });
  });

  it('starts again on the ports of last time, and on others when those are taken', async () => {
    await withProject(async ({ connect }) => {
      const first = await connect();
      await first.release();
      const second = await connect();
      assert.deepEqual([second.address, second.uiAddress], [first.address, first.uiAddress]);
      await second.release();
      const asking: net.Socket[] = []; // never answered; open sockets would hold the test run
      const squatter = net.createServer((socket) => asking.push(socket));
      const port = Number(first.address.split(':')[1]);
      await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
      try {
        const third = await connect();
        assert.notEqual(third.address, first.address);
        await third.release();
        await assert.rejects(connect({ port }), new RegExp(`port ${port}: another process does.*\\[TY1803\\]`));
        await assert.rejects(connect({ uiPort: port }), new RegExp(`port ${port}: another process does.*\\[TY1803\\]`));
      } finally {
        squatter.close();
        for (const socket of asking) socket.destroy();
      }
    });
  });

  it('starts in a folder full of stale files, with blanks in a path too long for a socket', async () => {
    await withFolder(async (outer) => {
      const projectFolder = join(outer, 'my project '.repeat(12).trim());
      const folder = join(projectFolder, '.trainyard', 'engine');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'ports.json'), '{"port":');
      await writeFile(join(folder, 'kept'), '');
      await writeFile(join(folder, 'server.pid'), String(process.pid));
      for (const name of ['users', 'lock']) {
        await mkdir(join(folder, name));
        await writeFile(join(folder, name, '1.sock'), '');
      }
      const engine = await connectEngine({ projectFolder, namespace: 'churn', env: ownEnv });
      assert.equal(engine.startedByUs, true);
      const status = await engineStatus({ projectFolder });
      assert(status.state === 'running');
      assert.deepEqual([status.users, status.kept], [1, false]);
      await engine.release();
      assert.equal((await engineStatus({ projectFolder })).state, 'stopped');
    });
  });

  it('is found again when its folder’s small files were deleted', async () => {
    await withProject(async ({ projectFolder, connect }) => {
      const first = await connect({ keep: true });
      const folder = join(projectFolder, '.trainyard', 'engine');
      for (const name of ['ports.json', 'users', 'lock']) await rm(join(folder, name), { recursive: true });
      const second = await connect();
      assert.deepEqual([second.address, second.startedByUs], [first.address, false]);
    });
  });

  it('says what was started and where its log is when the server does not start', async () => {
    await withProject(async ({ projectFolder, connect }) => {
      const broken = join(projectFolder, 'temporal');
      await writeFile(broken, '#!/bin/sh\necho "bad database" >&2\nexit 7\n', { mode: 0o755 });
      const env = { ...ownEnv, TRAINYARD_TEMPORAL_CLI: broken };
      await assert.rejects(
        connect({ env }),
        /temporal did not start \(code 7\): bad database; its log is .*server\.log.*\[TY1802\]/,
      );
      assert(existsSync(join(projectFolder, '.trainyard', 'engine', 'server.log')));
    });
  });
});
