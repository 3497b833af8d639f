/** Makes penguins.csv of the penguins in the npm package vega-datasets 3.2.1; see the README beside it. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const bytes = await readFile(new URL('../data/penguins.json', import.meta.resolve('vega-datasets')));
const columns = {
  species: 'Species',
  island: 'Island',
  beakLength: 'Beak Length (mm)',
  beakDepth: 'Beak Depth (mm)',
  flipperLength: 'Flipper Length (mm)',
  bodyMass: 'Body Mass (g)',
  sex: 'Sex',
};
const penguins = JSON.parse(bytes.toString());
const rows = penguins.map((row, index) => [index + 1, ...Object.values(columns).map((name) => row[name] ?? '')]);
const csv = [['id', ...Object.keys(columns)], ...rows].map((fields) => `${fields.join(',')}\n`).join('');
await writeFile(new URL('penguins.csv', import.meta.url), csv);

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
console.log(`penguins.json ${sha256(bytes)}\npenguins.csv  ${sha256(csv)}`);
