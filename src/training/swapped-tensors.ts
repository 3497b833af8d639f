/** Tensors that go round: a run of a session reads one set and writes the other. @module */
import { Tensor } from 'onnxruntime-node';
import { nextName, type StateTensor } from './step-graph.js';
import { floats } from './tensors.js';

/** A set of float32 tensors, and a spare one of the same shapes that the next run writes; then they change places. Nothing is copied. */
export class SwappedTensors {
  #now: Record<string, Tensor>;
  #spare: Record<string, Tensor>;

  /** `first` gives what the tensors hold at first. */
  constructor(
    tensors: readonly StateTensor[],
    first: (name: string, size: number) => Float32Array = (_name, size) => new Float32Array(size),
  ) {
    const make = (data: typeof first) =>
      Object.fromEntries(
        tensors.map(({ name, shape }) => {
          const size = shape.reduce((count, dim) => count * dim, 1);
          return [name, new Tensor('float32', data(name, size), shape)];
        }),
      );
    this.#now = make(first);
    this.#spare = make((_name, size) => new Float32Array(size));
  }

  /** What a run reads, by name. */
  get now(): Readonly<Record<string, Tensor>> {
    return this.#now;
  }

  /** Where a run writes, by the names of its outputs. */
  get next(): Record<string, Tensor> {
    return Object.fromEntries(Object.entries(this.#spare).map(([name, tensor]) => [nextName(name), tensor]));
  }

  /** Makes what the next run reads 0. */
  clear(): void {
    for (const tensor of Object.values(this.#now)) floats(tensor).fill(0);
  }

  /** After a run: what it wrote is what the next one reads. */
  swap(): void {
    [this.#now, this.#spare] = [this.#spare, this.#now];
  }
}
