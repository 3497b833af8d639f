/** Required by a process before its own code, in each of its threads: writes what lives there after a full collection, every few seconds. @module */
/* eslint-disable @typescript-eslint/no-require-imports -- a module of ES does not reach the threads of a process that is told to load it */
import fs = require('node:fs');
import v8 = require('node:v8');
import vm = require('node:vm');
import threads = require('node:worker_threads');

const file = process.env['TRAINYARD_BENCH_HEAP'];
const everyMs = 5_000;

if (file !== undefined) {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  setInterval(() => {
    collect();
    const { heapUsed: heap, rss: resident } = process.memoryUsage();
    const line = { pid: process.pid, thread: threads.threadId, heap, resident };
    fs.appendFileSync(file, `${JSON.stringify(line)}\n`);
  }, everyMs).unref();
}
