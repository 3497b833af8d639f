/** What native runtimes say of memory and devices in words alone: their errors have no code. @module */
import type { FailureClass } from '../contracts/failure-classes.js';

/** Each as narrow as the text of its source allows, so that a message that merely speaks of memory is not taken for one. */
const words: readonly (readonly [RegExp, FailureClass])[] = [
  // V8, an ArrayBuffer that could not be had.
  [/^Array buffer allocation failed$/, 'OutOfMemory'],
  // V8 before it aborts; "Fatal process OOM in …" where not even its own tables found room.
  [/\bJavaScript heap out of memory$|^#? *Fatal process (?:OOM|out of memory)\b/, 'OutOfMemory'],
  // onnxruntime, core/framework/bfc_arena.cc: its arena could not grow, on the CPU or a GPU.
  [/\bFailed to allocate memory for requested buffer of size \d+/, 'OutOfMemory'],
  // libstdc++'s std::bad_alloc::what(), alone or at the end of what onnxruntime says of a node.
  [/(?:^|:\s+)std::bad_alloc\s*$/, 'OutOfMemory'],
  // onnxruntime, core/providers/cuda/cuda_call.cc: "CUDA failure <number>: <text> ; GPU=0 ; …".
  [/\bCUDA failure 2: out of memory\b/, 'OutOfMemory'],
  [/\bCU(?:BLAS|DNN) failure \d+: CU(?:BLAS|DNN)_STATUS_ALLOC_FAILED\b/, 'OutOfMemory'],
  // cudaGetErrorString of 214 and 220, whoever quotes it.
  [/\buncorrectable (?:ECC|NVLink) error\b/, 'DeviceFailed'],
];

/** The class that a message or a line of stderr shows; undefined where it shows none. */
export function classOfWords(text: string): FailureClass | undefined {
  return words.find(([pattern]) => pattern.test(text))?.[1];
}
