/** `trainyard models history`. @module */
import { Command } from 'commander';
import type { ModelEvent } from '../client/model-reader.js';
import { actorWords, authorWords, dateOf } from '../reports/words.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { openModels } from './models-session.js';
import { wholeNumber } from './numbers.js';
import { write } from './store-session.js';
import { table } from './table.js';

interface HistoryFlags extends ReadFlags {
  readonly from: number;
}

/** Every change, oldest first. */
export function modelsHistoryCommand(): Command {
  return withReadFlags(new Command('history'))
    .description('every change to a model: what, when, by whom, why, and who signed it')
    .argument('<model>')
    .option('--from <generation>', 'only from this change on', (text) => wholeNumber(text, 1, 1e12), 1)
    .addHelpText('after', '\nExample:\n  trainyard models history churn')
    .action(async (name: string, flags: HistoryFlags) => {
      const models = await openModels(flags);
      await models.state(name); // says so where there is no such model
      let page: ModelEvent[] = [];
      for await (const event of models.history(name, { from: flags.from })) {
        if (flags.json) write(JSON.stringify(event));
        else page.push(event);
        if (page.length === pageLength) page = flush(page);
      }
      flush(page);
    });
}

/** So many lines are aligned at a time. */
const pageLength = 200;

function flush(page: readonly ModelEvent[]): ModelEvent[] {
  const rows = page.map((event) => [
    String(event.generation),
    dateOf(event.at),
    actorWords(event.by),
    resultWords(event),
    event.decision === undefined ? '' : `decision ${event.decision.slice(0, 12)}`,
    event.author.state === 'verified' ? '' : authorWords(event.author),
    event.reason,
  ]);
  for (const line of table(rows, { right: [0] })) write(line);
  return [];
}

/** `champion: 3 → 4`, `registered 5`. */
function resultWords({ result, change }: ModelEvent): string {
  switch (result.type) {
    case 'registered':
      return `registered ${result.first}${result.count > 1 ? ` to ${result.first + result.count - 1}` : ''}`;
    case 'aliased':
      return `${result.alias}: ${result.before ?? 'none'} → ${result.version}${change.type === 'rollBack' ? ', rolled back' : ''}`;
    case 'unaliased':
      return `${result.alias}: ${result.before} → none`;
    case 'archived':
      return `archived ${result.version}`;
    case 'annotated':
      return `annotated ${result.version}`;
  }
}
