/** Typed arrays to onnxruntime's tensors and back. @module */
import { Tensor } from 'onnxruntime-node';
/** A column as onnxruntime takes it: `lead` in place of the symbolic first size. */
export function tensorOf(feed, lead, data = new Float32Array()) {
  const shape = [...lead, ...feed.shape.slice(1).map(Number)];
  return data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int64', data, shape);
}
/** Arrays of one type one after another; a single one as it is. */
export function stack(parts) {
  const [first] = parts;
  if (!first || parts.length === 1) return first;
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = first instanceof Float32Array ? new Float32Array(size) : new BigInt64Array(size);
  const bytes = new Uint8Array(whole.buffer);
  let at = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return whole;
}
/** The numbers of a float32 tensor, not copied. */
export function floats(tensor) {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new TypeError('onnxruntime gave something else than float32');
}
//# sourceMappingURL=tensors.js.map
