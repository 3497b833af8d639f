/** `trainyard models show`. @module */
import { Command } from 'commander';
import { cardSections } from '../contracts/model-version.js';
import type { VersionFacts } from '../reports/version-facts.js';
import { factsOf } from '../reports/version-facts.js';
import { columnWords, figure } from '../reports/words.js';
import { bytes } from './figures.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { changeWords, marksOf, proofWords } from './models-session.js';
import { openHeads, write } from './store-session.js';
import { ModelReader } from '../client/model-reader.js';
import { table } from './table.js';

/** A version with all that is known of it; without one, the aliases of a model. */
export function modelsShowCommand(): Command {
  return withReadFlags(new Command('show'))
    .description('show a version of a model, or its aliases')
    .argument('<model>')
    .argument('[version]', 'a number or an alias')
    .addHelpText('after', '\nExample:\n  trainyard models show churn champion')
    .action(async (name: string, version: string | undefined, flags: ReadFlags) => {
      const source = await openHeads(flags);
      const models = new ModelReader(source);
      if (version === undefined) {
        const { next, aliases } = await models.state(name);
        const now = new Date().toISOString();
        const held = await Promise.all(Object.keys(aliases).map((alias) => models.asOf(name, alias, now)));
        if (flags.json) write(JSON.stringify({ model: name, versions: next - 1, aliases: held }));
        else {
          write(`${name}: ${figure(next - 1)} versions`);
          const rows = held.map(({ alias, version: { version: number }, set }) => {
            const before = aliases[alias]?.before.at(-1);
            return [`  ${alias}`, String(number), before === undefined ? '' : `before: ${before}`, changeWords(set)];
          });
          for (const line of table(rows, { right: [1] })) write(line);
        }
        return;
      }
      const facts = await factsOf(source.store, await models.get(name, version));
      if (flags.json) write(JSON.stringify(facts));
      else for (const line of versionLines(facts)) write(line);
    });
}

/** A version in lines. */
export function versionLines(facts: VersionFacts): string[] {
  const { model, version, details, registered, annotations, sizeBytes, parameters, datasets } = facts;
  const marks = marksOf(facts);
  const rows: [string, string | undefined][] = [
    ['model', `sha256:${details.model.sha256}  ${bytes(sizeBytes)}`],
    ['input', details.signature && columnWords(details.signature.inputs)],
    ['output', details.signature && columnWords(details.signature.outputs)],
    ['metrics', pairs(details.metrics)],
    ['latency', details.latencyMs && `${pairs(details.latencyMs)} ms`],
    ['report', details.report && `sha256:${details.report.sha256}`],
    ...Object.entries(datasets).map(([part, { sha256, rows: count }]): [string, string] => [
      part.startsWith('fitted') ? part : `${part} data`,
      `sha256:${sha256}${count === undefined ? '' : `  ${figure(count)} rows`}`,
    ]),
    ['run', details.run && `${details.run.workflowId}  ${details.run.runId}`],
    ['parameters', pairs(parameters)],
    ['licence', details.licence],
    ['tags', pairs(details.tags)],
    ['card', cardSections.filter((section) => details.card[section] !== undefined).join(', ')],
    ['registered', changeWords(registered)],
    ['', proofWords(registered)],
    ...annotations.map((one): [string, string] => ['annotated', changeWords(one)]),
  ];
  const known = rows.filter((row): row is [string, string] => row[1] !== undefined && row[1] !== '');
  return [
    `${model}, version ${version}${marks === '' ? '' : `: ${marks}`}`,
    ...table(known.map(([name, value]) => [`  ${name}`, value])),
  ];
}

function pairs(values: object): string {
  return Object.entries(values as Record<string, string | number | boolean | null>) // all of these are such
    .map(([name, value]) => `${name} ${figure(value)}`)
    .join(', ');
}
