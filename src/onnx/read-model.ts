/** What an ONNX model says of itself: inputs, outputs, metadata, without loading it into a runtime. @module */
import { TrainyardError } from '../contracts/errors.js';
import { ModelProto } from './model-proto.js';
import type { ValueInfoProto } from './model-proto.js';
import { dtypeNumbers } from './tensor-type.js';
import type { DType, TensorType } from './tensor-type.js';

export interface ModelInfo {
  readonly inputs: readonly NamedType[];
  readonly outputs: readonly NamedType[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly nodes: readonly { readonly op: string; readonly name: string }[];
}

export interface NamedType extends TensorType {
  readonly name: string;
}

/** The part of a decoded model that is read here; protobufjs gives absent fields their proto2 defaults. */
interface DecodedModel {
  metadataProps: { key: string; value: string }[];
  graph: { input: ValueInfoProto[]; output: ValueInfoProto[]; node: { opType: string; name: string }[] };
}

/** @throws TY1509 the bytes are no ONNX model, or one with element types that Trainyard does not know */
export function readModel(bytes: Uint8Array): ModelInfo {
  try {
    // `as`: the descriptor in model-proto.ts gives exactly these fields, protobufjs types them as a bag.
    const model = ModelProto.toObject(ModelProto.decode(bytes), { longs: Number, arrays: true }) as DecodedModel;
    return {
      inputs: model.graph.input.map(namedType),
      outputs: model.graph.output.map(namedType),
      metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
      nodes: model.graph.node.map(({ opType, name }) => ({ op: opType, name })),
    };
  } catch (cause) {
    throw new TrainyardError('TY1509', `${bytes.length} bytes are not an ONNX model that can be read`, { cause });
  }
}

function namedType({ name, type: { tensorType } }: ValueInfoProto): NamedType {
  const shape = tensorType.shape.dim.map((dim) => ('dimParam' in dim ? dim.dimParam : dim.dimValue));
  return { name, dtype: dtypeOf(tensorType.elemType), shape };
}

function dtypeOf(elemType: number): DType {
  for (const [dtype, number] of Object.entries(dtypeNumbers)) {
    if (number === elemType) return dtype as DType; // Object.entries widens the keys of dtypeNumbers to string
  }
  throw new Error(`element type ${elemType} is not known`);
}
