/** `trainyard models compare`. @module */
import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { bestOf, type Comparison } from '../reports/compare-versions.js';
import { comparisonPage } from '../reports/comparison-page.js';
import { figure } from '../reports/words.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { marksOf, openModels } from './models-session.js';
import { write } from './store-session.js';
import { table } from './table.js';

interface CompareFlags extends ReadFlags {
  readonly html?: string;
}

/** Metrics, latency, parameters and data of versions, side by side. */
export function modelsCompareCommand(): Command {
  return withReadFlags(new Command('compare'))
    .description('versions side by side: metrics, latency, parameters, data')
    .argument('<model>')
    .argument('<versions...>', 'numbers or aliases')
    .option('--html <file>', 'a page instead')
    .addHelpText('after', '\nExample:\n  trainyard models compare churn champion challenger --html compare.html')
    .action(async (name: string, versions: readonly string[], flags: CompareFlags) => {
      const comparison = await (await openModels(flags)).compare(name, versions);
      if (flags.html !== undefined) {
        await writeFile(flags.html, comparisonPage(comparison));
        process.stderr.write(`wrote ${flags.html}\n`);
      }
      if (flags.json) write(JSON.stringify(comparison));
      else if (flags.html === undefined) for (const line of comparisonLines(comparison)) write(line);
    });
}

/** The best figure of a row has a star, where it is known which that is. */
function comparisonLines({ model, versions, groups }: Comparison): string[] {
  const heads = versions.map((one) => [`version ${one.version}`, marksOf(one)].filter(Boolean).join(': '));
  const body = groups.flatMap(({ title, rows }) => [
    [title],
    ...rows.map((row) => [
      `  ${row.name}`,
      ...row.values.map((value) => `${short(figure(value))}${value !== null && value === bestOf(row) ? ' *' : ''}`),
    ]),
  ]);
  return table([[model, ...heads], ...body]);
}

/** A terminal's column. */
function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
