/** A few lines over time as an SVG, panel below panel. @module */

/** A line: its values at the times of the plot. */
export interface Line {
  readonly name: string;
  readonly values: readonly number[];
}

/** Lines of one unit. */
export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const [width, height, left, right, top, bottom] = [720, 170, 56, 150, 28, 24];
const colours = ['#0b6e99', '#d9730d', '#448361', '#9065b0'];

/** @param minutes the time of each value */
export function plot(minutes: readonly number[], panels: readonly Panel[]): string {
  const last = Math.max(...minutes, 1e-9);
  const x = (at: number) => left + ((width - left - right) * at) / last;
  const body = panels.map((panel, index) => drawPanel(panel, minutes, x, index * height));
  const all = height * panels.length;
  const style =
    'text{font:12px sans-serif;fill:#444}.title{font-weight:600}path{fill:none;stroke-width:1.5}line{stroke:#ddd}';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${all}" role="img"><style>${style}</style><rect width="${width}" height="${all}" fill="#fff"/>${body.join('')}</svg>\n`;
}

function drawPanel(panel: Panel, minutes: readonly number[], x: (at: number) => number, offset: number): string {
  const most = Math.max(...panel.lines.flatMap(({ values }) => values), 1e-9);
  const y = (value: number) => offset + height - bottom - ((height - top - bottom) * value) / most;
  const grid = [0, most / 2, most].map(
    (value) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}"/>` +
      `<text x="${left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${figure(value)}</text>`,
  );
  const lines = panel.lines.map(({ name, values }, index) => {
    const colour = colours[index % colours.length] ?? '#000';
    const points = values.map((value, at) => `${x(minutes[at] ?? 0).toFixed(1)},${y(value).toFixed(1)}`);
    const label = `<text x="${width - right + 8}" y="${offset + top + 12 + index * 18}" style="fill:${colour}">${name}</text>`;
    return `<path stroke="${colour}" d="M${points.join('L')}"/>${label}`;
  });
  const axis = `<text x="${width - right}" y="${offset + height - 6}" text-anchor="end">${figure(minutes.at(-1) ?? 0)} minutes</text>`;
  const title = `<text class="title" x="${left}" y="${offset + 16}">${panel.title}</text>`;
  return title + grid.join('') + lines.join('') + axis;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : Number(value.toPrecision(2)).toString();
}

/** How much a value grows with time: the slope of the line of least squares. */
export function slopeOf(times: readonly number[], values: readonly number[]): number {
  const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
  const [time, value] = [mean(times), mean(values)];
  const along = times.map((one, at) => (one - time) * ((values[at] ?? 0) - value));
  const across = times.map((one) => (one - time) ** 2);
  return mean(along) / mean(across);
}
