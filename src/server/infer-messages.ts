/** Inference requests and answers of the Open Inference Protocol v2: JSON, with binary tensors behind it where asked. @module */
import { elementsFromBinary, elementsFromJson, elementsToBinary, elementsToJson } from './elements.js';
import { parseWithFloatLists } from './float-lists.js';
import { quoted, RequestError } from './request-error.js';
import { concatBytes, type Tensors, type TensorSpec } from './tensors.js';

/** What a model takes and gives, and whether its first axis counts rows. */
export interface ModelSignature {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly batchable: boolean;
}

/** A request that fits its model. */
export interface InferRequest {
  readonly id: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inputs: Tensors;
  /** The outputs asked for, each in its form. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[];
}

/** An answer's text, or its bytes where binary tensors follow `jsonBytes` of JSON. Node sends headers and text in one write, bytes in two. */
export interface InferAnswer {
  readonly body: Uint8Array | string;
  readonly jsonBytes: number | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads an inference request and checks it against the model.
 * @param headerLength the `Inference-Header-Content-Length` header: bytes of JSON before the binary tensors.
 * @throws RequestError 400 that names what does not fit.
 */
export function readInferRequest(
  body: Uint8Array,
  headerLength: string | undefined,
  model: ModelSignature,
): InferRequest {
  const jsonBytes = headerLength === undefined ? body.byteLength : Number(headerLength);
  if (headerLength !== undefined && !(/^\d+$/.test(headerLength) && jsonBytes <= body.byteLength))
    throw new RequestError(400, `Inference-Header-Content-Length ${quoted(headerLength)} does not fit the body`);
  const request = object(parseJson(body.subarray(0, jsonBytes), model), 'the request');
  if (request['id'] !== undefined && typeof request['id'] !== 'string')
    throw new RequestError(400, 'id must be a string');
  return {
    id: request['id'],
    parameters: parameters(request, 'the request'),
    inputs: readInputs(list(request['inputs'], 'inputs'), body.subarray(jsonBytes), model),
    outputs: readOutputs(request, model),
  };
}

function parseJson(json: Uint8Array, { inputs }: ModelSignature): unknown {
  const wide = inputs.some(({ datatype }) => datatype === 'INT64' || datatype === 'UINT64');
  try {
    if (inputs.every(({ datatype }) => datatype === 'FP32')) return parseWithFloatLists(json);
    const text = new TextDecoder().decode(json);
    return wide && /\d{16}/.test(text) ? parseWithBigIntegers(text) : JSON.parse(text);
  } catch (error) {
    throw new RequestError(
      400,
      `the request is not JSON: ${error instanceof Error ? error.message.slice(0, 120) : ''}`,
      { cause: error },
    );
  }
}

/** `JSON.parse`, with integers of 16 digits or more as BigInt: a number would round them. */
function parseWithBigIntegers(text: string): unknown {
  // Strings are matched first and left alone, so that digits inside them never count. NUL cannot stand in JSON text unescaped.
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d{16,}$/.test(token) ? `"\\u0000${token}"` : token,
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && /^\0-?\d{16,}$/.test(value) ? BigInt(value.slice(1)) : value,
  );
}

function readInputs(given: readonly unknown[], binary: Uint8Array, model: ModelSignature): Tensors {
  if (given.length !== model.inputs.length)
    throw new RequestError(
      400,
      `the model takes ${model.inputs.length} inputs (${names(model.inputs)}), got ${given.length}`,
    );
  const tensors: Record<string, Tensors[string]> = {};
  let offset = 0;
  let rows: number | undefined;
  for (const item of given) {
    const input = object(item, 'an input');
    const spec = model.inputs.find(({ name }) => name === input['name']);
    if (spec === undefined)
      throw new RequestError(400, `the model has no input ${quoted(input['name'])}, but ${names(model.inputs)}`);
    const { name, datatype } = spec;
    if (Object.hasOwn(tensors, name)) throw new RequestError(400, `input ${name} is given twice`);
    if (input['datatype'] !== datatype)
      throw new RequestError(400, `input ${name} is ${datatype}, got ${quoted(input['datatype'])}`);
    const shape = readShape(input['shape'], spec);
    if (model.batchable && shape[0] !== (rows ??= shape[0]))
      throw new RequestError(400, `input ${name} has ${shape[0] ?? 0} rows, the inputs before it ${rows ?? 0}`);
    const size = parameters(input, `input ${name}`)['binary_data_size'];
    if (size === undefined)
      tensors[name] = { datatype, shape, data: elementsFromJson(name, datatype, shape, input['data']) };
    else {
      if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || offset + size > binary.byteLength)
        throw new RequestError(
          400,
          `input ${name}: binary_data_size ${quoted(size)} does not fit the ${binary.byteLength} bytes of binary data`,
        );
      tensors[name] = {
        datatype,
        shape,
        data: elementsFromBinary(name, datatype, shape, binary.subarray(offset, offset + size)),
      };
      offset += size;
    }
  }
  if (offset !== binary.byteLength)
    throw new RequestError(400, `${binary.byteLength - offset} bytes of binary data belong to no input`);
  return tensors;
}

function readShape(given: unknown, { name, shape }: TensorSpec): number[] {
  const sizes = list(given, `input ${name}: shape`);
  const fits = (size: unknown, axis: number) =>
    typeof size === 'number' &&
    Number.isSafeInteger(size) &&
    size > 0 &&
    (shape.length === 0 || shape[axis] === -1 || shape[axis] === size);
  if ((shape.length > 0 && sizes.length !== shape.length) || sizes.length > 8 || !sizes.every(fits))
    throw new RequestError(
      400,
      `input ${name} has shape [${shape.join(',')}] (-1: any number from 1), got [${sizes.slice(0, 8).map(quoted).join(',')}]`,
    );
  return sizes as number[]; // every one was just checked
}

/** Outputs asked for, or all; an output's own `binary_data` overrides the request's `binary_data_output` (kserve#5907). */
function readOutputs(request: JsonObject, model: ModelSignature): InferRequest['outputs'] {
  const byDefault = flag(parameters(request, 'the request')['binary_data_output'], false);
  if (request['outputs'] === undefined) return model.outputs.map(({ name }) => ({ name, binary: byDefault }));
  const asked = list(request['outputs'], 'outputs');
  if (asked.length > model.outputs.length) throw new RequestError(400, `the model gives only ${names(model.outputs)}`);
  return (asked.length > 0 ? asked : model.outputs).map((item) => {
    const output = object(item, 'an output');
    const spec = model.outputs.find(({ name }) => name === output['name']);
    if (spec === undefined)
      throw new RequestError(400, `the model has no output ${quoted(output['name'])}, but ${names(model.outputs)}`);
    return { name: spec.name, binary: flag(parameters(output, `output ${spec.name}`)['binary_data'], byDefault) };
  });
}

function flag(value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== 'boolean')
    throw new RequestError(400, `a binary_data parameter is true or false, got ${quoted(value)}`);
  return value;
}

function parameters(of: JsonObject, what: string): JsonObject {
  return of['parameters'] === undefined ? {} : object(of['parameters'], `parameters of ${what}`);
}

function object(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RequestError(400, `${what} must be an object, got ${quoted(value)}`);
  return value as JsonObject; // an object that is neither null nor a list
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new RequestError(400, `${what} must be a list, got ${quoted(value)}`);
  return value;
}

function names(specs: readonly TensorSpec[]): string {
  return specs.map(({ name }) => name).join(', ');
}

/** Writes an answer: a JSON head, then the outputs asked for in binary, in their order. */
export function writeInferAnswer(
  request: InferRequest,
  outputs: Tensors,
  model: { name: string; version: string },
): InferAnswer {
  const binary: Uint8Array[] = [];
  const parts = request.outputs.map(({ name, binary: asBinary }) => {
    const tensor = outputs[name];
    if (tensor === undefined) throw new Error(`the model gave no output ${name}`);
    const head = `{"name":${JSON.stringify(name)},"datatype":"${tensor.datatype}","shape":[${tensor.shape.join(',')}]`;
    if (!asBinary) return `${head},"data":${elementsToJson(tensor)}}`;
    const bytes = elementsToBinary(tensor);
    binary.push(bytes);
    return `${head},"parameters":{"binary_data_size":${bytes.byteLength}}}`;
  });
  const id = request.id === undefined ? '' : `"id":${JSON.stringify(request.id)},`;
  const text = `{"model_name":${JSON.stringify(model.name)},"model_version":"${model.version}",${id}"outputs":[${parts.join(',')}]}`;
  if (binary.length === 0) return { body: text, jsonBytes: undefined };
  const json = new TextEncoder().encode(text);
  return { body: concatBytes([json, ...binary]), jsonBytes: json.byteLength };
}
