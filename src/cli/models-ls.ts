/** `trainyard models ls`. @module */
import { Command } from 'commander';
import type { ModelReader } from '../client/model-reader.js';
import { dateOf, figure, shortDigest } from '../reports/words.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { marksOf, openModels } from './models-session.js';
import { howMany } from './numbers.js';
import { write } from './store-session.js';
import { table } from './table.js';

interface ListFlags extends ReadFlags {
  readonly limit: number;
}

/** Models, or the versions of one, newest first. */
export function modelsLsCommand(): Command {
  return withReadFlags(new Command('ls'))
    .description('list models, or the versions of one')
    .argument('[model]')
    .option('--limit <n>', 'versions to list', howMany, 20)
    .addHelpText('after', '\nExample:\n  trainyard models ls churn')
    .action(async (name: string | undefined, flags: ListFlags) => {
      const models = await openModels(flags);
      await (name === undefined ? listModels(models, flags) : listVersions(models, name, flags));
    });
}

async function listModels(models: ModelReader, { json }: ListFlags): Promise<void> {
  const rows: string[][] = [];
  for (const name of await models.names()) {
    const { next, aliases } = await models.state(name);
    const versions = next - 1;
    if (json)
      write(
        JSON.stringify({
          model: name,
          versions,
          aliases: Object.fromEntries(Object.entries(aliases).map(([alias, { version }]) => [alias, version])),
        }),
      );
    const held = Object.entries(aliases).map(([alias, { version }]) => `${alias} ${version}`);
    rows.push([name, versions === 1 ? '1 version' : `${figure(versions)} versions`, held.join(', ')]);
  }
  if (json) return;
  if (rows.length === 0) write('no models yet: trainyard models register, or registerModel in a pipeline');
  for (const line of table(rows, { right: [1] })) write(line);
}

async function listVersions(models: ModelReader, name: string, { json, limit }: ListFlags): Promise<void> {
  const versions = await models.versions(name, { limit });
  if (json) {
    for (const version of versions) write(JSON.stringify(version));
    return;
  }
  const rows = versions.map((one) => [
    String(one.version),
    marksOf(one),
    shortDigest(one.details.model.sha256),
    dateOf(one.registered.at),
    one.registered.by.name,
    Object.entries(one.details.metrics)
      .map(([metric, value]) => `${metric} ${figure(value)}`)
      .join(', '),
  ]);
  for (const line of table([['version', '', 'model', 'registered', 'by', 'metrics'], ...rows], { right: [0] }))
    write(line);
}
