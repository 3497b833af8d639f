import assert from 'node:assert/strict';
import { connect } from 'node:net';
import fc from 'fast-check';
import { expected, infer, jsonOf, serveFixtures, tabularInputs } from './support.js';

/** Every property runs this many requests against one server. */
const runs = { numRuns: 1_000, seed: 20_261_121 };

/** The request is refused in words, or happens to be a good one. */
async function answeredProperly(
  address: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  model = 'tabular-1',
) {
  const answer = await infer(address, model, body, headers);
  if (answer.status === 200) {
    assert.ok(Array.isArray(jsonOf(answer).outputs));
    return;
  }
  assert.ok([400, 404, 413].includes(answer.status), `${answer.status} for ${String(body).slice(0, 500)}`);
  assert.equal(typeof jsonOf(answer).error, 'string');
  assert.ok(jsonOf(answer).error!.length < 1_000);
}

async function stillServes(address: string) {
  const answer = await infer(address, 'tabular-1', { inputs: tabularInputs() });
  const late = jsonOf(answer).outputs?.[0]?.data as number[];
  assert.ok(late.every((value, row) => Math.abs(value - expected.late['tabular-1'][row]!) < 1e-6));
}

/** All paths into a JSON value. */
function pathsOf(value: unknown): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    [],
    ...keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key]).map((path) => [key, ...path])),
  ];
}

function replaced(value: unknown, path: readonly (string | number)[], by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

describe('hostile requests', function () {
  this.timeout(120_000);
  let address: string;

  before(async () => {
    ({ address } = await serveFixtures(['tabular-1', 'widths', 'lookup'], { maxBodyBytes: 1_000_000 }, 'suite'));
  });

  after(() => stillServes(address));

  it('of any bytes get a JSON error', async () => {
    const header = fc.oneof(
      fc.constant(undefined),
      fc.nat(300).map(String),
      fc.constantFrom('-1', '1e3', 'NaN', '9'.repeat(30), ''),
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), header, (body, length) =>
        answeredProperly(address, body, length === undefined ? {} : { 'inference-header-content-length': length }),
      ),
      runs,
    );
  });

  it('of any JSON get a JSON error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), (body) => answeredProperly(address, body)),
      runs,
    );
  });

  it('of a good shape with one part replaced by anything get a JSON error or a prediction', async () => {
    const good = {
      id: 'x',
      parameters: { binary_data_output: false },
      inputs: tabularInputs(),
      outputs: [{ name: 'late' }],
    };
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>(
        -1,
        0,
        0.5,
        1e21,
        1e308,
        2 ** 53,
        [],
        {},
        [[]],
        null,
        '',
        '__proto__',
        'FP64',
        'BYTES',
        'constructor',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...pathsOf(good)), odd, (path, by) =>
        answeredProperly(address, JSON.stringify(replaced(good, path, by))),
      ),
      { ...runs, numRuns: 2_000 },
    );
  });

  it('of any shape and any values get a JSON error or a prediction', async () => {
    const value = fc.oneof(fc.double(), fc.integer(), fc.constant(null), fc.string(), fc.boolean());
    const input = fc.record({
      name: fc.constant('x'),
      datatype: fc.constantFrom('FP32', 'FP32', 'FP32', 'FP64', 'BYTES', 'NONE'),
      shape: fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 4 }),
      data: fc.oneof(
        fc.array(value, { maxLength: 20 }),
        fc.array(fc.array(fc.double(), { maxLength: 4 }), { maxLength: 4 }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(input, (one) => answeredProperly(address, JSON.stringify({ inputs: [one] }), {}, 'widths')),
      runs,
    );
    const id = fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }));
    await fc.assert(
      fc.asyncProperty(id, (one) =>
        answeredProperly(
          address,
          `{"inputs":[{"name":"id","datatype":"INT64","shape":[1,1],"data":[${one}]}]}`,
          {},
          'lookup',
        ),
      ),
      runs,
    );
  });

  it('with binary tensors of any length and content get a JSON error or a prediction', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(40), { minLength: 3, maxLength: 3 }),
        fc.uint8Array({ maxLength: 80 }),
        (sizes, tail) => {
          const inputs = tabularInputs().map(({ data, ...input }, index) => ({
            ...input,
            shape: [2, 1],
            parameters: { binary_data_size: sizes[index] },
            ...(data.length === 0 && { data }),
          }));
          const head = new TextEncoder().encode(JSON.stringify({ inputs }));
          return answeredProperly(address, Uint8Array.of(...head, ...tail), {
            'inference-header-content-length': String(head.byteLength),
          });
        },
      ),
      runs,
    );
  });

  it('built to exhaust the server are refused', async () => {
    const deep = 200_000;
    const huge = [
      '['.repeat(deep) + ']'.repeat(deep),
      `{"inputs":${'['.repeat(deep)}${']'.repeat(deep)}}`,
      `{"inputs":[${'{},'.repeat(300_000)}{}]}`,
      `{"inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"data":${'['.repeat(deep)}1${']'.repeat(deep)}}]}`,
      `{"inputs":[{"name":"x","datatype":"FP32","shape":[${'1,'.repeat(300_000)}1],"data":[1]}]}`,
      '{"inputs":[{"name":"x","datatype":"FP32","shape":[9007199254740991,9007199254740991],"data":[1]}]}',
      `{"id":"${'\\"'.repeat(400_000)}`,
      `{"inputs":[{"name":"${'n'.repeat(900_000)}"}]}`,
    ];
    for (const body of huge)
      for (const model of ['widths', 'lookup']) {
        const answer = await infer(address, model, body);
        assert.equal(answer.status, 400, body.slice(0, 80));
        assert.ok(jsonOf(answer).error!.length < 500);
      }
    assert.equal((await infer(address, 'widths', 'x'.repeat(1_000_001))).status, 413);
  });

  it('that are not HTTP get a JSON error or a closed connection', async () => {
    const { port } = new URL(address);
    const send = (bytes: Uint8Array) =>
      new Promise<string>((resolve) => {
        let received = '';
        const socket = connect(Number(port), '127.0.0.1');
        socket.setEncoding('latin1').on('data', (text) => {
          received += String(text);
        });
        socket
          .on('error', () => undefined)
          .on('close', () => {
            resolve(received);
          });
        socket.end(bytes);
      });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), async (bytes) => {
        const received = await send(bytes);
        assert.ok(received === '' || (received.startsWith('HTTP/1.1 400') && received.includes('{"error":')), received);
      }),
      { ...runs, numRuns: 300 },
    );
  });
});
