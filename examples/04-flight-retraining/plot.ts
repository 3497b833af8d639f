/** The year as a picture: two lines of AUC, and what the loop decided after each month. @module */

/** A month of the plot. */
export interface PlottedMonth {
  readonly name: string;
  readonly frozen: number;
  readonly loop: number;
  /** What was decided when it had ended: `promoted`; absent after the last one. */
  readonly decision?: string;
  /** What else happened then: `rolled back`. */
  readonly note?: string;
}

const [width, height] = [760, 400];
const [left, right, top, bottom] = [60, 140, 54, 86];
const [low, high] = [0.55, 0.8];
const colours = { loop: '#0b7285', frozen: '#c92a2a', text: '#343a40', grid: '#dee2e6' } as const;

const x = (index: number, count: number) => left + (index * (width - left - right)) / (count - 1);
const y = (auc: number) => top + ((high - clamped(auc)) * (height - top - bottom)) / (high - low);
const clamped = (auc: number) => Math.min(high, Math.max(low, auc));

/** A self-contained SVG. */
export function svgOf(months: readonly PlottedMonth[]): string {
  const count = months.length;
  const line = (of: 'loop' | 'frozen') => {
    const points = months.map((month, at) => `${x(at, count).toFixed(1)},${y(month[of]).toFixed(1)}`).join(' ');
    const dots = months.map((month, at) => {
      const place = `cx="${x(at, count).toFixed(1)}" cy="${y(month[of]).toFixed(1)}"`;
      return `<circle ${place} r="4" fill="${colours[of]}"><title>${month.name}: ${month[of].toFixed(3)}</title></circle>`;
    });
    return `<polyline points="${points}" fill="none" stroke="${colours[of]}" stroke-width="2.5"/>${dots.join('')}`;
  };
  const [loopEnd, frozenEnd] = apart(months.at(-1)?.loop ?? 0, months.at(-1)?.frozen ?? 0);
  const ends = [
    text(width - right + 12, loopEnd + 4, 'with the loop', { fill: colours.loop, weight: 600 }),
    text(width - right + 12, frozenEnd + 4, 'frozen in April', { fill: colours.frozen, weight: 600 }),
  ];
  const grid = [0.55, 0.6, 0.65, 0.7, 0.75, 0.8].map(
    (auc) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(auc)}" y2="${y(auc)}" stroke="${colours.grid}"/>` +
      text(left - 10, y(auc) + 4, auc.toFixed(2), { anchor: 'end' }),
  );
  const labels = months.flatMap(({ name, decision, note }, at) => {
    const month = text(x(at, count), height - bottom + 22, name.slice(0, 3), { anchor: 'middle' });
    const between = (x(at, count) + x(at + 1, count)) / 2;
    const words = at === count - 1 ? [] : [decision, note];
    const lines = words.map((word, line) =>
      word === undefined
        ? ''
        : text(between, height - bottom + 42 + 14 * line, word, {
            anchor: 'middle',
            size: 11,
            ...(line > 0 && { fill: colours.frozen }),
          }),
    );
    return [month, ...lines];
  });
  const title = text(left, 26, 'AUC of “15 minutes late or later”, month by month, 2013', { size: 16, weight: 600 });
  const foot = text(
    left,
    height - 8,
    'Between the months: what became of the challenger; in red, of a model with shuffled labels that somebody put past the gate.',
    { size: 11 },
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    title,
    ...grid,
    ...labels,
    line('frozen'),
    line('loop'),
    ...ends,
    foot,
    '</svg>\n',
  ].join('\n');
}

/** The same for a terminal: a line a month. */
export function linesOf(months: readonly PlottedMonth[]): string[] {
  const cells = 30;
  const bar = (auc: number) => '▇'.repeat(Math.round(((clamped(auc) - 0.5) * cells) / 0.3)).padEnd(cells);
  return months.flatMap(({ name, frozen, loop, decision, note }) => [
    `${name.padEnd(10)} frozen ${frozen.toFixed(3)} ${bar(frozen)}`,
    `${''.padEnd(10)} loop   ${loop.toFixed(3)} ${bar(loop)} ${decision ? `then: ${[decision, note].filter(Boolean).join(', ')}` : ''}`.trimEnd(),
  ]);
}

/** Two labels at the heights of their lines, not over each other. */
function apart(one: number, other: number): [number, number] {
  const [first, second] = [y(one), y(other)];
  if (Math.abs(first - second) >= 18) return [first, second];
  const middle = (first + second) / 2;
  return one >= other ? [middle - 9, middle + 9] : [middle + 9, middle - 9];
}

interface TextOptions {
  readonly anchor?: 'middle' | 'end';
  readonly size?: number;
  readonly weight?: number;
  readonly fill?: string;
}

function text(at: number, height: number, words: string, options: TextOptions = {}): string {
  const { anchor = 'start', size = 13, weight = 400, fill = colours.text } = options;
  return `<text x="${at.toFixed(1)}" y="${height.toFixed(1)}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${words}</text>`;
}
