/** A graph to the bytes of an ONNX model. @module */
import { TrainyardError } from '../contracts/errors.js';
import type { Graph, Node, NodeAttribute, TensorData, Value } from './graph.js';
import { ModelProto } from './model-proto.js';
import type { AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto } from './model-proto.js';
import { dtypeNumbers } from './tensor-type.js';
import type { TensorType } from './tensor-type.js';

/** IR 9 with operator set 20 is ONNX 1.15: the first with Gelu, understood by every onnxruntime since 1.17. */
const irVersion = 9;
const operatorSets = [
  { domain: '', version: 20 },
  { domain: 'ai.onnx.ml', version: 3 },
];

export interface ModelParts {
  readonly graph: Graph;
  /** What the model returns, by the names that callers see. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Kept in the model's `metadata_props`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of a model. Nodes and constants that no output needs are left out; the same graph always gives the same bytes.
 * @throws TY1503 an output is asked for under an input's name
 */
export function encodeModel({ graph, outputs, metadata = {} }: ModelParts): Uint8Array {
  const model = {
    irVersion,
    producerName: 'trainyard',
    graph: graphProto(graph, Object.entries(outputs), 'trainyard'),
    opsetImport: operatorSets,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  };
  return ModelProto.encode(ModelProto.fromObject(model)).finish();
}

type Names = (value: Value) => string;

function graphProto(
  graph: Graph,
  outputs: readonly (readonly [string, Value])[],
  name: string,
  outer?: Names,
): GraphProto {
  const needed = new Set(outputs.map(([, value]) => value));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const value of [...node.inputs, ...captured(node)]) if (value) needed.add(value);
    return true;
  });
  const { nameOf, copies } = nameOutputs(graph, outputs, outer);
  return {
    name,
    node: [...nodes.reverse().map((node) => nodeProto(node, nameOf)), ...copies],
    initializer: [...graph.initialisers]
      .filter(([value]) => needed.has(value))
      .map(([value, data]) => tensorProto(value, data)),
    input: graph.inputs.map((value) => valueInfo(value.name, value)),
    output: outputs.map(([output, value]) => valueInfo(output, value)),
  };
}

/** A node's output takes the name that callers see; only what no node here makes, or is named already, needs a copy. */
function nameOutputs(graph: Graph, outputs: readonly (readonly [string, Value])[], outer: Names = ({ name }) => name) {
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  const names = new Map<Value, string>();
  const copies: NodeProto[] = [];
  const nameOf: Names = (value) => names.get(value) ?? outer(value);
  for (const [name, value] of outputs) {
    if ([...graph.inputs, ...graph.initialisers.keys()].some((fixed) => fixed.name === name)) {
      throw new TrainyardError('TY1503', `output ${name} has the name of an input or initialiser`);
    }
    if (made.has(value) && !names.has(value)) names.set(value, name);
    else
      copies.push({
        name: `${name}/copy`,
        opType: 'Identity',
        domain: '',
        input: [nameOf(value)],
        output: [name],
        attribute: [],
      });
  }
  return { nameOf, copies };
}

/** What a `Loop`'s body takes from the graphs around it. */
function captured(node: Node): readonly Value[] {
  return Object.values(node.attributes).flatMap((attribute) => {
    if (!('body' in attribute)) return [];
    const { graph, outputs } = attribute.body;
    return [...outputs, ...graph.nodes.flatMap((inside) => [...inside.inputs, ...captured(inside)])].filter(
      (v) => v !== undefined,
    );
  });
}

function nodeProto(node: Node, nameOf: Names): NodeProto {
  return {
    name: node.name,
    opType: node.op,
    domain: node.domain,
    input: node.inputs.map((value) => (value ? nameOf(value) : '')),
    output: node.outputs.map(nameOf),
    attribute: Object.entries(node.attributes).map(([name, attribute]) => attributeProto(name, attribute, nameOf)),
  };
}

/** `type` is ONNX's AttributeType: FLOAT 1, INT 2, STRING 3, GRAPH 5, FLOATS 6, INTS 7, STRINGS 8. */
function attributeProto(name: string, attribute: NodeAttribute, nameOf: Names): AttributeProto {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
  if ('f' in attribute) return { name, type: 1, f: attribute.f };
  if ('i' in attribute) return { name, type: 2, i: attribute.i };
  if ('s' in attribute) return { name, type: 3, s: utf8(attribute.s) };
  if ('floats' in attribute) return { name, type: 6, floats: [...attribute.floats] };
  if ('ints' in attribute) return { name, type: 7, ints: [...attribute.ints] };
  if ('strings' in attribute) return { name, type: 8, strings: attribute.strings.map(utf8) };
  const { graph, outputs } = attribute.body;
  // A body's outputs count by position, so the prefix only keeps them apart from what the outer graph names.
  const named = outputs.map((value, index) => [`${name}.${index}.${value.name}`, value] as const);
  return { name, type: 5, g: graphProto(graph, named, name, nameOf) };
}

/** ONNX's raw data is little-endian, like every machine that onnxruntime runs on. */
function tensorProto(value: Value, data: TensorData): TensorProto {
  const head = { name: value.name, dims: value.shape.map(Number), dataType: dtypeNumbers[value.dtype] };
  if (!ArrayBuffer.isView(data)) return { ...head, stringData: data.map((text) => new TextEncoder().encode(text)) };
  return { ...head, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function valueInfo(name: string, { dtype, shape }: TensorType): ValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: dtypeNumbers[dtype], shape: { dim } } } };
}
