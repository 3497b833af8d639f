/** Named float32 tensors as one file in the safetensors format, which Python reads too. @module */
import { TrainyardError } from '../contracts/errors.js';
/**
 * The bytes of a safetensors file: header length as uint64, a JSON header, the values in the header's order, all
 * little-endian (https://huggingface.co/docs/safetensors). Names are sorted: the same tensors give the same bytes.
 */
export function encodeTensors(tensors) {
  const pieces = tensorPieces(tensors);
  const file = new Uint8Array(pieces.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  return file;
}
/** The same bytes one after another, the values not copied: a checkpoint of 200 MB costs a training half as much time. */
export function tensorPieces(tensors) {
  const sorted = Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1));
  let end = 0;
  const header = Object.fromEntries(
    sorted.map(([name, { length, byteLength }]) => {
      const offsets = [end, (end += byteLength)];
      return [name, { dtype: 'F32', shape: [length], data_offsets: offsets }];
    }),
  );
  const json = new TextEncoder().encode(JSON.stringify(header));
  // The format pads the header with spaces, so that the values start on a multiple of 8.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(8 + headerBytes).fill(0x20, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(json, 8);
  return [
    head,
    ...sorted.map(([, { buffer, byteOffset, byteLength }]) => new Uint8Array(buffer, byteOffset, byteLength)),
  ];
}
/** The tensors of a file that {@link encodeTensors} made, in arrays of their own. @throws TY1507 for other bytes */
export function decodeTensors(file) {
  try {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const start = 8 + Number(view.getBigUint64(0, true));
    // The header is ours; whatever else it is fails below, and is reported as a file that cannot be read.
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, start)));
    return Object.fromEntries(
      Object.entries(header).map(
        ([
          name,
          {
            shape,
            data_offsets: [from, to],
          },
        ]) => {
          // Copied into memory of its own: the bytes of a file need not lie on a multiple of 4.
          const values = new Float32Array(new Uint8Array(file.subarray(start + from, start + to)).buffer);
          if (values.length !== shape[0]) throw new RangeError(`${name} has ${values.length} values`);
          return [name, values];
        },
      ),
    );
  } catch (cause) {
    throw new TrainyardError('TY1507', `${file.length} bytes are no file of tensors`, { cause });
  }
}
//# sourceMappingURL=tensor-file.js.map
