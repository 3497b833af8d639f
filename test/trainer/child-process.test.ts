import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { gone, hello, scriptOf, temporaryFolder, watch } from './support.js';

describe('a trainer process', () => {
  const folder = temporaryFolder();

  it('is given its start file, is heard, and is seen to end', async () => {
    const { trainer, messages } = watch(
      scriptOf(
        folder,
        `const start = JSON.parse(fs.readFileSync(process.env.TRAINYARD_START, 'utf8'));
         ${hello} say({ type: 'output', output: start.run.stage });`,
      ),
      folder,
    );
    const exit = await trainer.ended;
    assert.deepEqual(messages, [{ type: 'output', output: 'train' }]);
    assert.deepEqual([exit.code, exit.signal, exit.broken], [0, null, undefined]);
  });

  it('has its stdout and stderr read as lines, and keeps the last ones of stderr as evidence', async () => {
    const { trainer, output } = watch(
      scriptOf(
        folder,
        `console.log('epoch 1'); for (let i = 0; i < 100; i++) console.error('line ' + i); process.exitCode = 3;`,
      ),
      folder,
    );
    const exit = await trainer.ended;
    assert.equal(output[0], 'stdout: epoch 1');
    assert.equal(output.length, 101);
    assert.equal(exit.code, 3);
    assert.equal(exit.stderr.at(-1), 'line 99');
    assert.ok(exit.stderr.length < 100);
  });

  it('is told to stop, and may save before it does', async () => {
    const { trainer, until, messages } = watch(
      scriptOf(
        folder,
        `${hello} say({ type: 'progress', done: 1, unit: 'steps' });
         fs.createReadStream(null, { fd: 4 }).once('data', (line) => {
           say({ type: 'note', text: JSON.parse(line).reason }); process.exit(0);
         });`,
      ),
      folder,
    );
    await until(({ type }) => type === 'progress');
    trainer.send({ type: 'stop', reason: 'drained', graceMs: 1000 });
    await trainer.ended;
    assert.deepEqual(messages.at(-1), { type: 'note', text: 'drained' });
  });

  it('is killed in a busy loop, with what it started', async () => {
    const { trainer, until } = watch(
      scriptOf(
        folder,
        `${hello} const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
         say({ type: 'progress', done: child.pid, unit: 'pid' }); for (;;);`,
      ),
      folder,
    );
    const message = await until(({ type }) => type === 'progress');
    trainer.kill();
    assert.equal((await trainer.ended).signal, 'SIGKILL');
    await gone(message.type === 'progress' ? message.done : 0);
  });

  it('leaves nothing behind when it ends by itself', async () => {
    const { trainer, messages } = watch(
      scriptOf(
        folder,
        `${hello} const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
         say({ type: 'progress', done: child.pid, unit: 'pid' }); process.exit(0);`,
      ),
      folder,
    );
    assert.equal((await trainer.ended).code, 0);
    const [message] = messages;
    await gone(message?.type === 'progress' ? message.done : 0);
  });

  it('does not outlive a worker killed with -9, be it in a busy loop, nor do the processes that it started', async () => {
    const holder = spawn(process.execPath, [fileURLToPath(new URL('./hold-trainer.js', import.meta.url)), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // The line event carries the text of the line.
    const [line] = (await once(createInterface(holder.stdout), 'line')) as [string];
    const pids = line.split(' ').map(Number);
    assert.equal(pids.length, 2);
    holder.kill('SIGKILL');
    await Promise.all(pids.map(gone));
  });

  it('says so when the program is not there', async () => {
    const exit = await watch({ program: 'no-such-python', args: [], env: {}, title: 'x', kind: 'trainer' }, folder)
      .trainer.ended;
    assert.equal(exit.code, 127);
    assert.match(exit.stderr.join(), /no-such-python/);
  });

  it('sees the variables that it was given, and neither the lifeline nor the stdin of its worker', async () => {
    const script =
      'read line; [ -e /dev/fd/5 ] && lifeline=open || lifeline=closed; echo "$TOKEN $lifeline [$line] ${HOME-no home}"';
    const command = { program: '/bin/sh', args: ['-c', script], env: {}, title: 'sh', kind: 'trainer' } as const;
    const { trainer, output } = watch(command, folder, { TOKEN: 'secret', HOME: undefined });
    await trainer.ended;
    assert.deepEqual(output, ['stdout: secret closed [] no home']);
  });
});

describe('garbage on the protocol', () => {
  const folder = temporaryFolder();
  const garbage: Record<string, string> = {
    'text that is not JSON': `${hello} fs.writeSync(3, 'epoch 1 of 10\\n');`,
    'a message before the hello': `say({ type: 'note', text: 'early' });`,
    'another version': `say({ type: 'hello', protocol: 2 });`,
    'an unknown message': `${hello} say({ type: 'reboot' });`,
    'a value of the wrong type': `${hello} say({ type: 'progress', done: 'half', unit: 'steps' });`,
    'bytes without a line feed': `${hello} const junk = Buffer.alloc(1 << 20, 7); for (let i = 0; i < 9; i++) fs.writeSync(3, junk);`,
  };
  for (const [what, body] of Object.entries(garbage))
    it(`ends the trainer with a clear word: ${what}`, async () => {
      const { trainer } = watch(scriptOf(folder, `${body} for (;;);`), folder);
      const exit = await trainer.ended;
      assert.equal(exit.broken?.code, 'TY1601');
      assert.ok(exit.broken.message.length < 500, exit.broken.message);
    });
});
