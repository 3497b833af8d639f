/** Copies of requests for revisions that listen: run after the answer was sent, in threads of their own, and never too many. @module */
import type { Revision, Serving } from './revisions.js';
import type { Tensors } from './tensors.js';
import type { TrafficCounts } from './traffic-counts.js';

/** Copies that may wait for one revision; more are dropped, and counted. */
const mostWaiting = 32;

/**
 * Runs copies of one request. Nothing that happens here reaches whoever asked.
 * @param keep Gets what each copy gave, unless it failed.
 */
export function mirror(
  endpoint: string,
  serving: Serving,
  inputs: Tensors,
  { counts, keep }: { readonly counts: TrafficCounts; readonly keep: (revision: Revision, outputs: Tensors) => void },
): void {
  for (const id of serving.traffic.shadows) {
    const revision = serving.revisions.get(id);
    if (revision === undefined) continue;
    if (revision.batcher.waiting >= mostWaiting) {
      counts.drop(endpoint, serving, id);
      continue;
    }
    const start = performance.now();
    let executionMs: number | undefined;
    const timed = (ms: number) => {
      executionMs = ms;
    };
    const counted = (outputs: Tensors | undefined) => {
      const ms = performance.now() - start;
      counts.add({ endpoint, serving, revision: id, listens: true, ms, executionMs, outputs });
      if (outputs) keep(revision, outputs);
    };
    const copy = Object.fromEntries(
      revision.signature.inputs.flatMap(({ name }) => {
        const tensor = inputs[name];
        if (tensor === undefined) return [];
        const { data } = tensor;
        return [[name, { ...tensor, data: data instanceof Uint8Array ? data.slice() : data }]];
      }),
    );
    revision.batcher.submit(copy, timed).then(counted, () => {
      counted(undefined);
    });
  }
}
