/** What the bytes of a trained model depend on besides code, data and seed. @module */
import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { env } from 'onnxruntime-node';

/** Where a step graph runs. */
export type Provider = 'cpu' | 'cuda';

/** Where sessions run, and on how many threads. */
export interface Device {
  readonly provider: Provider;
  readonly threads: number;
}

/** Kept in each checkpoint and in the model's manifest. Two runs with equal numerics on `cpu` give the same bytes; `cuda` promises nothing. */
export interface Numerics {
  readonly onnxruntime: string;
  readonly provider: Provider;
  readonly threads: number;
  /** Parts that a batch goes through the session in. */
  readonly microBatches: number;
  readonly graphOptimizationLevel: 'all';
  readonly arch: string;
  /** The instruction sets that onnxruntime's kernels choose between, sorted; the processor's name where they cannot be read. */
  readonly cpuFeatures: string[];
}

/** x86-64 and arm64 extensions that MLAS, onnxruntime's library of kernels, dispatches on. */
const dispatched =
  /^(sse4_1|avx|f16c|fma|avx2|avx_?vnni\w*|avx512\w*|amx_\w+|neon|asimd\w*|fphp|i8mm|bf16|sve\w*|sme\w*)$/;

export function numericsOf({ provider, threads }: Device, microBatches: number): Numerics {
  return {
    onnxruntime: env.versions.node ?? env.versions.common,
    provider,
    threads,
    microBatches,
    graphOptimizationLevel: 'all',
    arch: arch(),
    cpuFeatures: cpuFeatures(),
  };
}

/** What differs between a checkpoint's numerics and this machine's, in words; empty where a resume gives the same bytes. */
export function numericsDifferences(
  saved: Readonly<Partial<Record<keyof Numerics, unknown>>>,
  now: Numerics,
): readonly string[] {
  // `as`: keys of an interface are its own names.
  const keys = Object.keys(now) as (keyof Numerics)[];
  return keys.flatMap((key) => {
    const [before, after] = [String(saved[key]), String(now[key])];
    return before === after ? [] : [`${key}: ${before} became ${after}`];
  });
}

function cpuFeatures(): string[] {
  try {
    const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    const known = flags.split(/\s+/).filter((flag) => dispatched.test(flag));
    if (known.length > 0) return known.sort();
  } catch {
    // Not Linux: the processor's name has to do.
  }
  return [cpus()[0]?.model ?? 'unknown'];
}
