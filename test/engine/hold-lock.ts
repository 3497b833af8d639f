/** Takes the lock of the folder in its first argument, says so, and keeps it until its input ends. @module */
import { withLock } from '../../src/artifacts/lock.js';
import { inputEnded } from './support.js';

const [folder = ''] = process.argv.slice(2);
await withLock(
  folder,
  () => {
    console.log('waiting');
  },
  async () => {
    console.log('held');
    await inputEnded();
  },
);
