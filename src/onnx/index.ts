/** `trainyard/onnx`: builds ONNX models, with shapes checked while the graph grows. @module */
export { encodeModel, type ModelParts } from './encode.js';
export { Graph, type Node, type NodeAttribute, type NodeOptions, type TensorData, type Value } from './graph.js';
export { type Operand, Operators } from './operators.js';
export { type ModelInfo, type NamedType, readModel } from './read-model.js';
export type { Attribute } from './shape-rules.js';
export { type Dim, type DType, formatType, type Shape, type TensorType } from './tensor-type.js';
