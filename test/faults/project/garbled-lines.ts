/** What a trainer may say instead of a message of the protocol: each field of each message broken in each way, and broken lines. @module */
import { lineLimit, UpMessage } from '../../../src/trainer/protocol.js';

/** A broken line, and what it is. */
export interface GarbledLine {
  readonly name: string;
  readonly bytes: () => Buffer;
}

type MessageType = UpMessage['type'];

const ref = { uri: `artifact://sha256/${'0'.repeat(64)}`, sha256: '0'.repeat(64), sizeBytes: 1 };

/** A message of each type that could stand in the protocol; the compiler sees that none is missing. */
const samples: { readonly [Type in MessageType]: Extract<UpMessage, { type: Type }> } = {
  hello: { type: 'hello', protocol: 1 },
  progress: { type: 'progress', done: 1, total: 2, unit: 'steps' },
  metrics: { type: 'metrics', step: 1, values: { loss: 1 } },
  params: { type: 'params', values: { rate: 1 } },
  note: { type: 'note', text: 'hello' },
  tracked: { type: 'tracked', kind: 'figure', name: 'curve', ref },
  log: { type: 'log', level: 'info', message: 'hello', fields: {} },
  checkpoint: { type: 'checkpoint', id: 1, state: { step: 1 }, files: {}, numerics: {} },
  put: { type: 'put', id: 2, path: '/dev/null', name: 'nothing' },
  get: { type: 'get', id: 3, ref: { sha256: ref.sha256, sizeBytes: 1 } },
  output: { type: 'output', output: { attempt: 1 } },
  failure: { type: 'failure', class: 'Failed', message: 'no', stack: 'at', evidence: {} },
};

/** Written into the JSON as they are: not all of them are JSON. */
const wrongValues: Readonly<Record<string, string>> = {
  null: 'null',
  'a boolean': 'true',
  'a number': '1e308',
  'not a number': 'NaN',
  'a negative number': '-1.5',
  'a string of control characters': '"\\u0000\\u0007\\u001b[2J"',
  'raw control characters': '"\u0000\u0007"',
  'a lone surrogate': '"\\ud800"',
  'a path that leads out': '"../../../etc/passwd"',
  'a list': '[[[[]]]]',
  'an object': '{"__proto__":{"polluted":1},"constructor":{}}',
  'a long string': JSON.stringify('x'.repeat(100_000)),
};

const missing = { name: 'missing', json: undefined };

function fieldLines(): GarbledLine[] {
  return UpMessage.options.flatMap(({ shape }) => {
    const [type] = shape.type.values;
    if (type === undefined) throw new TypeError('a message has a type');
    const sample: Readonly<Record<string, unknown>> = samples[type];
    const values = Object.entries(wrongValues).map(([name, json]) => ({ name, json }));
    return Object.keys(shape).flatMap((field) =>
      [missing, ...values].map(({ name, json }) => ({
        name: `${type}.${field} is ${name}`,
        bytes: () => Buffer.from(`${withField(sample, field, json)}\n`),
      })),
    );
  });
}

function withField(sample: Readonly<Record<string, unknown>>, field: string, json: string | undefined): string {
  const parts = Object.entries(sample).flatMap(([name, value]) => {
    const text = name === field ? json : JSON.stringify(value);
    return text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
  });
  return `{${parts.join(',')}}`;
}

const wholeLines: readonly GarbledLine[] = [
  { name: 'a line of nothing', bytes: () => Buffer.from('\n') },
  { name: 'a line that is no JSON', bytes: () => Buffer.from('Epoch 1/3: 100%\n') },
  { name: 'a line cut in the middle', bytes: () => Buffer.from('{"type":"progress","done":\n') },
  { name: 'a line without an end', bytes: () => Buffer.from('{"type":"progress","done":1,"unit":"st') },
  { name: 'bytes that are no UTF-8', bytes: () => Buffer.from([0x7b, 0xff, 0xfe, 0xc3, 0x28, 0x0a]) },
  { name: 'noise', bytes: () => Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 7_919) % 256)) },
  { name: 'a line over the limit', bytes: () => Buffer.alloc(lineLimit + 1_024, 'x') },
  { name: 'a line of a long list', bytes: () => Buffer.from(`{"type":"note","text":${'['.repeat(200_000)}\n`) },
  { name: 'an unknown type', bytes: () => Buffer.from('{"type":"checkpiont","id":1}\n') },
];

/** All of them. */
export const garbledLines: readonly GarbledLine[] = [...fieldLines(), ...wholeLines];
