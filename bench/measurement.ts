/** What a bench reports, and how two programs are measured fairly on a machine that does other things too. @module */

/** One line of the bench. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same of what it is compared with. */
  readonly peer?: number | string;
  /** Ours divided by the peer's. */
  readonly ratio?: number;
}

/** Medians of both, and of the ratio within each pair. */
export interface Pairs {
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
}

/**
 * Measures both in turn, the order changing from round to round: what else the machine does hits both alike. The first round
 * warms up and does not count.
 */
export async function inPairs(
  rounds: number,
  ours: () => Promise<number>,
  peer: () => Promise<number>,
): Promise<Pairs> {
  const measured: { ours: number; peer: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const first = round % 2 === 0 ? await ours() : await peer();
    const second = round % 2 === 0 ? await peer() : await ours();
    if (round > 0) measured.push(round % 2 === 0 ? { ours: first, peer: second } : { ours: second, peer: first });
  }
  return {
    ours: median(measured.map((pair) => pair.ours)),
    peer: median(measured.map((pair) => pair.peer)),
    ratio: median(measured.map((pair) => pair.ours / pair.peer)),
  };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
