/** What the bytes of a trained model depend on besides code, data and seed. @module */
import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { env } from 'onnxruntime-node';
/** x86-64 and arm64 extensions that MLAS, onnxruntime's library of kernels, dispatches on. */
const dispatched =
  /^(sse4_1|avx|f16c|fma|avx2|avx_?vnni\w*|avx512\w*|amx_\w+|neon|asimd\w*|fphp|i8mm|bf16|sve\w*|sme\w*)$/;
export function numericsOf({ provider, threads }) {
  return {
    onnxruntime: env.versions.node ?? env.versions.common,
    provider,
    threads,
    graphOptimizationLevel: 'all',
    arch: arch(),
    cpuFeatures: cpuFeatures(),
  };
}
/** What differs between a checkpoint's numerics and this machine's, in words; empty where a resume gives the same bytes. */
export function numericsDifferences(saved, now) {
  // `as`: keys of an interface are its own names.
  const keys = Object.keys(now);
  return keys.flatMap((key) => {
    const [before, after] = [String(saved[key]), String(now[key])];
    return before === after ? [] : [`${key}: ${before} became ${after}`];
  });
}
function cpuFeatures() {
  try {
    const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
    const known = flags.split(/\s+/).filter((flag) => dispatched.test(flag));
    if (known.length > 0) return known.sort();
  } catch {
    // Not Linux: the processor's name has to do.
  }
  return [cpus()[0]?.model ?? 'unknown'];
}
//# sourceMappingURL=numerics.js.map
