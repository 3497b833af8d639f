/** A worker to be killed: it starts a trainer in a busy loop, prints the pids of the trainer and of its child, and waits. @module */
import { hello, scriptOf, watch } from './support.js';

const [folder = ''] = process.argv.slice(2);
const { trainer, until } = watch(
  scriptOf(
    folder,
    `${hello} const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
     say({ type: 'progress', done: child.pid, unit: 'pid' }); for (;;);`,
  ),
  folder,
);
const message = await until(({ type }) => type === 'progress');
console.log(`${trainer.pid ?? 0} ${message.type === 'progress' ? message.done : 0}`);
