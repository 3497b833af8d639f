/** Says one broken line on its first attempt, and ends well on the second; speaks the protocol with its own mouth. @module */
import { readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { descriptors, startVariable } from '../../../src/trainer/protocol.js';
import { garbledLines } from './garbled-lines.js';

const start = z
  .object({ attempt: z.int(), input: z.object({ line: z.int() }) })
  .parse(JSON.parse(readFileSync(process.env[startVariable] ?? '', 'utf8')));

const say = (bytes: Buffer) => {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptors.up, bytes, written);
};
const sayMessage = (message: unknown) => {
  say(Buffer.from(`${JSON.stringify(message)}\n`));
};

const garbled = garbledLines[start.input.line];
if (garbled === undefined) throw new RangeError(`there is no line ${start.input.line}`);
// What is said in place of the greeting comes before it.
if (start.attempt > 1 || !garbled.name.startsWith('hello')) sayMessage({ type: 'hello', protocol: 1 });
if (start.attempt === 1) say(garbled.bytes());
sayMessage({ type: 'output', output: { attempt: start.attempt } });
