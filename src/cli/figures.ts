/** Numbers, times and curves as a terminal shows them. @module */

/** `1,200`, `3.4`, `0.021`: at most three digits behind the point. */
export function quantity(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 1 : 3;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** `0.4 s`, `12 s`, `3 m 20 s`, `2 h 05 m`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`;
}

/** A bar of `width` cells, `share` of them full. */
export function bar(share: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return '▓'.repeat(full) + '░'.repeat(width - full);
}

const ticks = '▁▂▃▄▅▆▇█';

/** The values as blocks, averaged down to `width` cells; the steep beginning of a loss may stand out above the scale. */
export function sparkline(values: readonly number[], width: number): string {
  const finite = values.filter(Number.isFinite);
  const cells = Math.min(width, finite.length);
  const means = Array.from({ length: cells }, (_, cell) => {
    const from = Math.floor((cell * finite.length) / cells);
    const slice = finite.slice(from, Math.max(from + 1, Math.floor(((cell + 1) * finite.length) / cells)));
    return slice.reduce((sum, value) => sum + value, 0) / slice.length;
  });
  const low = Math.min(...means);
  const high = means.toSorted((a, b) => a - b)[Math.floor(0.95 * (cells - 1))] ?? low;
  const span = high - low || 1;
  return means.map((mean) => ticks[Math.round(Math.min(1, (mean - low) / span) * (ticks.length - 1))]).join('');
}

/** `480 B`, `1.2 MB`: powers of ten. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  const value = count / 1_000 ** power;
  return `${value >= 100 || power === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[power] ?? ''}`;
}

/** `40 s`, `12 m`, `3 h`, `45 d`: how old something is. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
}
