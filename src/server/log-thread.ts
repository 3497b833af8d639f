/** The thread that makes tables of what was logged, so that no request waits for it. @module */
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../contracts/errors.js';
import { logTable } from './log-table.js';
import type { TableAnswer, TableRequest } from './table-maker.js';

const port = parentPort;
if (port === null) throw new Error('log-thread runs in a worker thread only');

port.on('message', ({ kind, path }: TableRequest) => {
  port.postMessage(made(kind, path));
});

function made(kind: TableRequest['kind'], path: string): TableAnswer {
  try {
    return { table: logTable(kind, path) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
