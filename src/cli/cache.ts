/** `trainyard cache why`: why a stage call took a result from its cache, or did not. @module */
import { Command } from 'commander';
import type { ArtifactStore } from '../artifacts/store.js';
import type { StageStatus } from '../client/run-status.js';
import { TrainyardError } from '../contracts/errors.js';
import { readAttemptLog } from '../records/attempt-log.js';
import { cacheEntries, type CacheEntry, type CacheParts } from '../records/cache-entries.js';
import { wholeNumber } from './numbers.js';
import { type ProjectFlags, withProjectFlags, withSession } from './session.js';

interface WhyFlags extends ProjectFlags {
  readonly call: number;
  readonly json?: boolean;
}

/** The command with its verb. */
export function cacheCommand(): Command {
  const why = withProjectFlags(new Command('why'))
    .description('why a stage call took a result from the cache, or which part of its key was new')
    .argument('<run>', 'workflow id, or the beginning of one')
    .argument('<stage>', 'name of the stage')
    .option('--call <n>', 'which call of the stage, from 0', (text) => wholeNumber(text, 0, Number.MAX_SAFE_INTEGER), 0)
    .option('--json', 'JSON on stdout')
    .addHelpText('after', '\nExample:\n  trainyard cache why churnTraining-20261121 ingest')
    .action(async (prefix: string, stage: string, flags: WhyFlags) => {
      await withSession(flags, async ({ pipelines, store }) => {
        const run = await pipelines.find(prefix);
        const { stages } = await run.status();
        const call = stages.find((one) => one.stage === stage && one.call === flags.call);
        if (call === undefined)
          throw new TrainyardError('TY1906', `${run.workflowId} has no call ${flags.call} of a stage "${stage}"`);
        const told = await explain(store, call);
        process.stdout.write(flags.json ? `${JSON.stringify(told)}\n` : `${told.sentences.join('\n')}\n`);
      });
    });
  return new Command('cache').description('results that stages use again').addCommand(why);
}

interface Explanation {
  readonly hit: boolean;
  /** Workflow id of the run whose result was used, or which is compared with. */
  readonly run?: string;
  readonly differs: readonly string[];
  readonly sentences: readonly string[];
}

async function explain(store: ArtifactStore, { stage, stageKey, log, cached }: StageStatus): Promise<Explanation> {
  const miss = (sentence: string): Explanation => ({ hit: false, differs: [], sentences: [sentence] });
  if (cached) {
    const sentences = [`hit: the result of ${cached.workflowId} was used again`];
    return { hit: true, run: cached.workflowId, differs: [], sentences };
  }
  const attempts = stageKey === undefined ? [] : await readAttemptLog(store, stageKey, log);
  const asked = attempts.flatMap(({ events }) => events).find((event) => event.event === 'cache');
  if (asked?.event !== 'cache') return miss(`stage ${stage} is not cached: its contract does not say \`cache: true\``);
  const earlier = (await cacheEntries(store, stage)).filter(
    ({ at, source }) => at < asked.at && source.stageKey !== stageKey,
  );
  const nearest = nearestTo(asked.parts, earlier);
  if (nearest === undefined) return miss(`miss: there was no result of stage ${stage} before`);
  const differs = differences(nearest.parts, asked.parts);
  const run = nearest.source.workflowId;
  const why = differs.length === 0 ? ['the result was there, but not its artifacts'] : differs;
  const sentences = [`miss: against the nearest result before, of ${run}:`, ...why.map((line) => `  ${line}`)];
  return { hit: false, run, differs, sentences };
}

/** The fewest differences; the newest among equals. */
function nearestTo(parts: CacheParts, entries: readonly CacheEntry[]): CacheEntry | undefined {
  const distance = (entry: CacheEntry) => differences(entry.parts, parts).length;
  return entries.toSorted((one, other) => distance(one) - distance(other) || (one.at < other.at ? 1 : -1))[0];
}

function differences(before: CacheParts, after: CacheParts): string[] {
  return [
    ...(before.contract === after.contract ? [] : [`contract: ${before.contract} → ${after.contract}`]),
    ...(before.environment === after.environment ? [] : [`packages: ${before.environment} → ${after.environment}`]),
    ...fieldDifferences('input', before.input, after.input),
    ...fieldDifferences('code', before.code, after.code),
  ];
}

function fieldDifferences(
  part: 'input' | 'code',
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const told = (value: string | undefined) => (part === 'code' ? value?.slice(0, 12) : value) ?? 'nothing';
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => `${part} ${name}: ${told(before[name])} → ${told(after[name])}`);
}
