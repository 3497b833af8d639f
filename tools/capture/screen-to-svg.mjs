/**
 * A terminal's screen, as `tmux capture-pane -e` gives it, as an SVG that needs no font of its own.
 * @module
 */

const cell = { width: 8.4, height: 18 };
const margin = { top: 40, side: 16, bottom: 14 };
const paper = '#161b22';
const ink = '#d0d7de';
/** By SGR code; the bright ones are 60 above. */
const colours = {
  30: '#6e7681',
  31: '#ff7b72',
  32: '#56d364',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#56d4dd',
  37: '#d0d7de',
  90: '#8b949e',
};
/** Lower eighths of a cell. Fonts draw them with gaps, so they are drawn here. */
const eighths = '▁▂▃▄▅▆▇█';
const shades = { '░': 0.22, '▓': 0.85 };

/** @param {string} screen lines with SGR sequences @param {{ title: string, columns: number }} options */
export function screenToSvg(screen, { title, columns }) {
  const lines = screen.trimEnd().split('\n');
  const width = columns * cell.width + 2 * margin.side;
  const height = lines.length * cell.height + margin.top + margin.bottom;
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
    (fill, n) => `<circle cx="${18 + 18 * n}" cy="18" r="5.5" fill="${fill}"/>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${paper}"/>`,
    ...dots,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="${ink}" xml:space="preserve">`,
    `<text x="${width / 2}" y="23" text-anchor="middle" fill="${colours[90]}" font-size="13">${escape(title)}</text>`,
    ...lines.flatMap((line, row) => drawLine(line, margin.top + row * cell.height)),
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function drawLine(line, top) {
  const drawn = [];
  let column = 0;
  for (const { text, style } of runsOf(line)) {
    const characters = [...text];
    for (const [blocks, words] of split(characters)) {
      const left = margin.side + column * cell.width;
      if (blocks) drawn.push(...words.map((mark, n) => drawBlock(mark, left + n * cell.width, top, style)));
      else if (words.join('').trim() !== '') drawn.push(drawWords(words, left, top, style));
      column += words.length;
    }
  }
  return drawn;
}

/** Stretches of one style. */
function runsOf(line) {
  const runs = [];
  let style = {};
  for (const part of line.split(/(\x1b\[[\d;]*m)/)) {
    const codes = /^\x1b\[([\d;]*)m$/.exec(part)?.[1];
    if (codes === undefined) runs.push({ text: part, style });
    else for (const code of codes.split(';').map(Number)) style = restyle(style, code);
  }
  return runs;
}

function restyle(style, code) {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 22) return { ...style, bold: false };
  if (code === 39) return { ...style, fill: undefined };
  const fill = colours[code] ?? colours[code - 60];
  return fill === undefined ? style : { ...style, fill };
}

/** Alternating stretches of words (split where two spaces stand, to keep columns in place) and of block characters. */
function split(characters) {
  const stretches = [];
  for (const [n, mark] of characters.entries()) {
    const block = eighths.includes(mark) || mark in shades;
    const last = stretches.at(-1);
    const gap = mark !== ' ' && characters[n - 1] === ' ' && characters[n - 2] === ' ';
    if (last === undefined || last[0] !== block || gap) stretches.push([block, [mark]]);
    else last[1].push(mark);
  }
  return stretches;
}

function drawWords(words, start, top, { fill, bold }) {
  const indent = words.findIndex((mark) => mark !== ' ');
  const left = start + indent * cell.width;
  const text = words.join('').trim();
  const attributes = [
    `x="${round(left)}" y="${top + 13.5}" textLength="${round([...text].length * cell.width)}" lengthAdjust="spacingAndGlyphs"`,
    fill && `fill="${fill}"`,
    bold && 'font-weight="bold"',
  ];
  return `<text ${attributes.filter(Boolean).join(' ')}>${escape(text)}</text>`;
}

function drawBlock(mark, left, top, { fill = colours[36] }) {
  const share = mark in shades ? 0.6 : (eighths.indexOf(mark) + 1) / 8;
  const full = cell.height - 4;
  const height = share * full;
  const y = mark in shades ? top + 4.5 : top + 2 + full - height;
  return `<rect x="${round(left)}" y="${round(y)}" width="${cell.width}" height="${round(height)}" fill="${fill}" opacity="${shades[mark] ?? 1}"/>`;
}

function round(value) {
  return Number(value.toFixed(2));
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
