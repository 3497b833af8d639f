/** `trainyard models asof`: which version it was, and by whose word. Needs nothing but the store. @module */
import { Command } from 'commander';
import type { KeptDecision } from '../records/decisions.js';
import { factsOf } from '../reports/version-facts.js';
import { actorWords, authorWords, dateOf } from '../reports/words.js';
import { ModelReader } from '../client/model-reader.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { changeWords, proofWords } from './models-session.js';
import { versionLines } from './models-show.js';
import { openHeads, write } from './store-session.js';
import { table } from './table.js';
import { instant } from './times.js';

/** What an alias pointed at, at a time. */
export function modelsAsOfCommand(): Command {
  return withReadFlags(new Command('asof'))
    .description('which version an alias was at a time, who decided so, on which evidence')
    .argument('<model>')
    .argument('<alias>')
    .argument('[time]', 'ISO 8601, with its zone; default: now', instant, new Date().toISOString())
    .addHelpText('after', '\nExample:\n  trainyard models asof churn champion 2026-03-01T12:00Z')
    .action(async (name: string, alias: string, time: string, flags: ReadFlags) => {
      const source = await openHeads(flags);
      const { version, set, decision, ...asked } = await new ModelReader(source).asOf(name, alias, time);
      const facts = await factsOf(source.store, version);
      if (flags.json) {
        write(JSON.stringify({ ...asked, version: facts, set, decision: decision ?? null }));
        return;
      }
      write(`${name} ${alias} at ${dateOf(time)}: version ${version.version}`);
      const rows = [['set', changeWords(set)], ['', proofWords(set)], ...decisionRows(decision)];
      for (const line of table(rows.map(([label = '', words = '']) => [`  ${label}`, words]))) write(line);
      for (const line of versionLines(facts)) write(line);
    });
}

function decisionRows(decision: KeptDecision | undefined): string[][] {
  if (decision === undefined) return [['decision', 'none was asked for']];
  const { binding, record, author } = decision;
  return [
    ['decision', `${record.verdict} "${record.name}" of run ${record.workflowId} (run id ${record.runId})`],
    ['', `binding ${binding}, ${authorWords(author)}`],
    ...record.decisions.map(({ by, verdict, at, reason }) => [
      verdict,
      `${dateOf(at)} by ${actorWords(by)}: ${reason}`,
    ]),
    ['evidence', `sha256:${record.evidenceDigest}`],
    ['', JSON.stringify(record.evidence)],
  ];
}
