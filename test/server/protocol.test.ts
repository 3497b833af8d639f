import assert from 'node:assert/strict';
import { binaryOf, expected, infer, jsonOf, serveFixtures, tabularInputs } from './support.js';

const get = async (url: string, init?: RequestInit) => {
  const response = await fetch(url, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('the Open Inference Protocol', () => {
  it('tells health, server metadata and model metadata', async () => {
    const { address } = await serveFixtures(['tabular-1']);
    assert.deepEqual(await get(`${address}/v2/health/live`), { status: 200, body: { live: true } });
    assert.deepEqual(await get(`${address}/v2/health/ready`), { status: 200, body: { ready: true, failures: [] } });
    const server = await get(`${address}/v2`);
    assert.equal(server.body['name'], 'trainyard');
    assert.deepEqual(server.body['extensions'], ['binary_tensor_data']);
    const model = await get(`${address}/v2/models/tabular-1`);
    assert.deepEqual(model.body['versions'], ['1']);
    assert.deepEqual(model.body['inputs'], [
      { name: 'carrier', datatype: 'BYTES', shape: [-1, 1] },
      { name: 'distance', datatype: 'FP32', shape: [-1, 1] },
      { name: 'hour', datatype: 'INT64', shape: [-1, 1] },
    ]);
    assert.deepEqual(await get(`${address}/v2/models/tabular-1/versions/1`), model);
    const ready = await get(`${address}/v2/models/tabular-1/versions/1/ready`);
    assert.deepEqual(ready, { status: 200, body: { name: 'tabular-1', ready: true } });
  });

  it('answers 404 for what does not exist and 405 for the wrong method, in JSON', async () => {
    const { address } = await serveFixtures(['tabular-1']);
    for (const path of [
      '/',
      '/v2/models/none',
      '/v2/models/none/ready',
      '/v2/models/tabular-1/versions/2',
      '/v2/models/%E0%A4%A',
    ])
      assert.equal((await get(`${address}${path}`)).status, 404, path);
    assert.equal((await get(`${address}/v2/models/tabular-1/infer`)).status, 405);
    assert.equal((await get(`${address}/v2`, { method: 'DELETE' })).status, 405);
    const { status, body } = await get(`${address}/v2/models/tabular-1/versions/7`);
    assert.equal(status, 404);
    assert.equal(body['error'], 'model tabular-1 has no version "7"; it serves "1"');
  });

  it('predicts from raw columns what ONNX Runtime in Python predicts, missing values and unknown words included', async () => {
    const { address } = await serveFixtures(['tabular-1']);
    const answer = jsonOf(await infer(address, 'tabular-1', { id: 'a-1', inputs: tabularInputs() }));
    assert.equal(answer.id, 'a-1');
    assert.equal(answer.model_version, '1');
    const late = answer.outputs?.[0]?.data as number[];
    late.forEach((value, row) => {
      assert.ok(Math.abs(value - expected.late['tabular-1'][row]!) < 1e-6);
    });
    assert.equal(late.length, 4);
  });

  it('lets an output’s own binary_data override the default of the request', async () => {
    const { address } = await serveFixtures(['tabular-1']);
    const ask = (byDefault: boolean | undefined, own: boolean | undefined) =>
      infer(address, 'tabular-1', {
        inputs: tabularInputs(),
        ...(byDefault !== undefined && { parameters: { binary_data_output: byDefault } }),
        ...(own !== undefined && { outputs: [{ name: 'late', parameters: { binary_data: own } }] }),
      });
    const isBinary = async (byDefault?: boolean, own?: boolean) =>
      'parameters' in (jsonOf(await ask(byDefault, own)).outputs?.[0] ?? {});
    assert.equal(await isBinary(), false);
    assert.equal(await isBinary(true), true);
    assert.equal(await isBinary(true, false), false);
    assert.equal(await isBinary(false, true), true);
    const floats = new Float32Array(binaryOf(await ask(true, undefined)).buffer);
    assert.deepEqual([...floats], jsonOf(await ask(undefined, undefined)).outputs?.[0]?.data);
  });

  it('carries every datatype through JSON without loss', async () => {
    const { address } = await serveFixtures(['echo']);
    const answer = await infer(
      address,
      'echo',
      jsonBody(echoInputs()).replace(
        '"int64","datatype":"INT64","shape":[2,1],"data":[0,0]',
        '"int64","datatype":"INT64","shape":[2,1],"data":[9223372036854775807,-9007199254740993]',
      ),
    );
    const text = new TextDecoder().decode(answer.bytes);
    assert.equal(answer.status, 200, text);
    assert.match(
      text,
      /"int64_out","datatype":"INT64","shape":\[2,1\],"data":\[9223372036854775807,-9007199254740993\]/,
    );
    const outputs = jsonOf(answer).outputs ?? [];
    for (const input of echoInputs().filter(({ name }) => name !== 'int64')) {
      const output = outputs.find(({ name }) => name === `${input.name}_out`);
      assert.deepEqual(
        output?.data,
        input.data.map((value) => (value === null && input.name === 'bytes' ? '' : value)),
        input.name,
      );
    }
  });

  it('carries 64-bit integers beyond 2^53 and strings through binary tensors without loss', async () => {
    const { address } = await serveFixtures(['echo']);
    const binary: Record<string, Uint8Array> = {
      int64: new Uint8Array(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 53n) - 1n).buffer),
      uint64: new Uint8Array(BigUint64Array.of(2n ** 64n - 1n, 2n ** 53n + 1n).buffer),
      fp64: new Uint8Array(Float64Array.of(Math.PI, NaN).buffer),
      bytes: Uint8Array.of(2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0),
    };
    const inputs = echoInputs().map(({ data, ...input }) => {
      const bytes = binary[input.name];
      return bytes ? { ...input, parameters: { binary_data_size: bytes.byteLength } } : { ...input, data };
    });
    const outputs = Object.keys(binary).map((name) => ({ name: `${name}_out`, parameters: { binary_data: true } }));
    const head = new TextEncoder().encode(JSON.stringify({ inputs, outputs }));
    const tail = inputs.flatMap(({ name }) => [...(binary[name] ?? [])]);
    const body = Uint8Array.of(...head, ...tail);
    const answer = await infer(address, 'echo', body, { 'inference-header-content-length': String(head.byteLength) });
    assert.equal(answer.status, 200, new TextDecoder().decode(answer.bytes));
    assert.deepEqual(
      [...binaryOf(answer)],
      Object.values(binary).flatMap((bytes) => [...bytes]),
    );
  });

  it('takes and gives halves as binary tensors only', async () => {
    const { address } = await serveFixtures(['halves']);
    const input = { name: 'fp16', datatype: 'FP16', shape: [2, 1] };
    const json = await infer(address, 'halves', { inputs: [{ ...input, data: [1, 2] }] });
    assert.deepEqual([json.status, jsonOf(json).error], [400, 'input fp16: JSON has no FP16; send it as binary data']);
    const halves = new Uint8Array(Uint16Array.of(0x3c00, 0x7bff).buffer);
    const head = JSON.stringify({
      inputs: [{ ...input, parameters: { binary_data_size: 4 } }],
      parameters: { binary_data_output: true },
    });
    const body = Uint8Array.of(...new TextEncoder().encode(head), ...halves);
    const answer = await infer(address, 'halves', body, { 'inference-header-content-length': String(head.length) });
    assert.deepEqual(binaryOf(answer), halves);
  });

  it('refuses what a tensor cannot hold, naming input, element and expectation', async () => {
    const { address } = await serveFixtures(['echo']);
    const refused = async (name: string, data: readonly unknown[]) => {
      const inputs = echoInputs().map((input) => (input.name === name ? { ...input, data } : input));
      const answer = await infer(address, 'echo', jsonBody(inputs));
      assert.equal(answer.status, 400, `${name} ${String(data)}`);
      return jsonOf(answer).error;
    };
    assert.equal(
      await refused('int8', [1, 128]),
      'input int8: element 1 must be between -128 and 127 for INT8, got 128',
    );
    assert.equal(await refused('fp32', ['1', 2]), 'input fp32: element 0 must be a number or null for FP32, got "1"');
    await refused('uint64', [-1, 0]);
    await refused('int64', [1.5, 0]);
    await refused('bool', [1, 0]);
    await refused('bytes', ['a\0b', '']);
    await refused('fp32', [1e39, 0]);
    await refused('fp64', [1]);
    await refused('fp64', [[1], [2], [3]]);
  });

  it('answers 413 to a body above the limit, whether its length is told or not', async () => {
    const { address } = await serveFixtures(['tabular-1'], { maxBodyBytes: 1000 });
    const told = await infer(address, 'tabular-1', 'x'.repeat(1001));
    assert.deepEqual([told.status, jsonOf(told).error], [413, 'the body is larger than 1000 bytes']);
    const untold = await fetch(`${address}/v2/models/tabular-1/infer`, {
      method: 'POST',
      body: new Blob(['x'.repeat(2000)]).stream(),
      duplex: 'half',
    });
    assert.equal(untold.status, 413);
  });

  it('counts requests, latencies and batches for Prometheus', async () => {
    const { address } = await serveFixtures(['tabular-1']);
    await infer(address, 'tabular-1', { inputs: tabularInputs() });
    await infer(address, 'tabular-1', '{');
    await infer(address, 'made-up', '{');
    const text = await (await fetch(`${address}/metrics`)).text();
    assert.match(text, /trainyard_server_requests_total\{endpoint="tabular-1",revision="1",status="200"\} 1/);
    assert.match(text, /trainyard_server_requests_total\{endpoint="tabular-1",revision="1",status="400"\} 1/);
    assert.match(text, /trainyard_server_batch_rows_sum\{endpoint="tabular-1"\} 4/);
    assert.doesNotMatch(text, /made-up/);
  });
});

/** Two rows for every input of the echo fixture. */
function echoInputs(): { name: string; datatype: string; shape: number[]; data: readonly unknown[] }[] {
  const input = (name: string, datatype: string, data: readonly unknown[]) => ({ name, datatype, shape: [2, 1], data });
  return [
    input('bool', 'BOOL', [true, false]),
    input('uint8', 'UINT8', [0, 255]),
    input('uint16', 'UINT16', [0, 65535]),
    input('uint32', 'UINT32', [0, 4294967295]),
    input('uint64', 'UINT64', [0, 9007199254740991]),
    input('int8', 'INT8', [-128, 127]),
    input('int16', 'INT16', [-32768, 32767]),
    input('int32', 'INT32', [-2147483648, 2147483647]),
    input('int64', 'INT64', [0, 0]),
    input('fp32', 'FP32', [-0.5, null]),
    input('fp64', 'FP64', [0.1, null]),
    input('bytes', 'BYTES', ['é "quoted"', null]),
  ];
}

function jsonBody(inputs: ReturnType<typeof echoInputs>): string {
  return JSON.stringify({ inputs });
}
