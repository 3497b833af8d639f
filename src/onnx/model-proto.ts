/** The ONNX messages that Trainyard writes and reads, as a protobufjs descriptor. @module */
import protobuf from 'protobufjs/light.js';
import type { Type } from 'protobufjs/light.js';

/**
 * Numbers and names of https://github.com/onnx/onnx/blob/v1.15.0/onnx/onnx.proto (proto2); fields that we neither write
 * nor read are left out, which protobuf allows. `optional` fields keep their presence: an attribute `i: 0` is written.
 */
const field = (type: string, id: number) => ({ type, id });
const many = (type: string, id: number) => ({ rule: 'repeated', type, id, options: { packed: false } });

const root = protobuf.Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: field('int64', 1),
        producerName: field('string', 2),
        producerVersion: field('string', 3),
        graph: field('GraphProto', 7),
        opsetImport: many('OperatorSetIdProto', 8),
        metadataProps: many('StringStringEntryProto', 14),
      },
    },
    OperatorSetIdProto: { fields: { domain: field('string', 1), version: field('int64', 2) } },
    StringStringEntryProto: { fields: { key: field('string', 1), value: field('string', 2) } },
    GraphProto: {
      fields: {
        node: many('NodeProto', 1),
        name: field('string', 2),
        initializer: many('TensorProto', 5),
        input: many('ValueInfoProto', 11),
        output: many('ValueInfoProto', 12),
      },
    },
    NodeProto: {
      fields: {
        input: many('string', 1),
        output: many('string', 2),
        name: field('string', 3),
        opType: field('string', 4),
        attribute: many('AttributeProto', 5),
        domain: field('string', 7),
      },
    },
    AttributeProto: {
      fields: {
        name: field('string', 1),
        f: field('float', 2),
        i: field('int64', 3),
        s: field('bytes', 4),
        t: field('TensorProto', 5),
        g: field('GraphProto', 6),
        floats: many('float', 7),
        ints: many('int64', 8),
        strings: many('bytes', 9),
        type: field('int32', 20),
      },
    },
    TensorProto: {
      fields: {
        dims: many('int64', 1),
        dataType: field('int32', 2),
        stringData: many('bytes', 6),
        name: field('string', 8),
        rawData: field('bytes', 9),
      },
    },
    ValueInfoProto: { fields: { name: field('string', 1), type: field('TypeProto', 2) } },
    TypeProto: {
      fields: { tensorType: field('Tensor', 1) },
      nested: {
        Tensor: { fields: { elemType: field('int32', 1), shape: field('TensorShapeProto', 2) } },
      },
    },
    TensorShapeProto: {
      fields: { dim: many('Dimension', 1) },
      nested: { Dimension: { fields: { dimValue: field('int64', 1), dimParam: field('string', 2) } } },
    },
  },
});

export const ModelProto: Type = root.lookupType('ModelProto');

export interface TensorProto {
  name?: string;
  dims: number[];
  dataType: number;
  rawData?: Uint8Array;
  stringData?: Uint8Array[];
}

export interface AttributeProto {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: TensorProto;
  g?: GraphProto;
  floats?: number[];
  ints?: number[];
  strings?: Uint8Array[];
}

export interface NodeProto {
  name: string;
  opType: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
}

export interface ValueInfoProto {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: ({ dimValue: number } | { dimParam: string })[] } } };
}

export interface GraphProto {
  name: string;
  node: NodeProto[];
  initializer: TensorProto[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
}
