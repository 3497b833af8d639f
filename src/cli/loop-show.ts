/** `trainyard loop ls`, `show` and `explain`: from the store alone. @module */
import { Command } from 'commander';
import type { LoopHead } from '../client/loops.js';
import type { StandingModel } from '../contracts/loop-state.js';
import { howMany } from './numbers.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { openLoops, standingOf } from './loop-session.js';
import { write } from './store-session.js';

/** All loops, a line each. */
export function loopLsCommand(): Command {
  return withReadFlags(new Command('ls'))
    .description('list the retraining loops of the project')
    .addHelpText('after', '\nExample:\n  trainyard loop ls')
    .action(async (flags: ReadFlags) => {
      const found = await (await openLoops(flags)).list();
      for (const { name, head } of found)
        write(flags.json ? JSON.stringify(summaryOf(name, head)) : lineOf(name, head));
      if (found.length === 0 && !flags.json) write('no loops yet: loops.declare(contract, …)');
    });
}

/** Where a loop stands, with its last decisions. */
export function loopShowCommand(): Command {
  return withReadFlags(new Command('show'))
    .description('where a loop stands, and its last decisions')
    .argument('<loop>')
    .addHelpText('after', '\nExample:\n  trainyard loop show churnRetraining')
    .action(async (name: string, flags: ReadFlags) => {
      const head = await (await openLoops(flags)).show(name);
      if (flags.json) {
        write(JSON.stringify({ ...summaryOf(name, head), state: head.state }));
        return;
      }
      const { champion, previous, probation, rows, decisions, policy } = head.state;
      write(lineOf(name, head));
      write(`  champion   ${modelLine(champion)}${probation > 0 ? ', on probation' : ''}`);
      if (previous) write(`  before it  ${modelLine(previous)}`);
      write(`  endpoint   ${policy?.endpoint ?? '–'}`);
      const fresh = (rows.seen - rows.atTraining).toLocaleString('en-US');
      write(`  labels     ${rows.seen.toLocaleString('en-US')} rows, ${fresh} since the last training`);
      for (const { round, at, sentence } of decisions.toReversed())
        write(`  ${String(round).padStart(4)}  ${at.slice(0, 16).replace('T', ' ')}  ${sentence}`);
    });
}

/** Why a round ended as it did. */
export function loopExplainCommand(): Command {
  return withReadFlags(new Command('explain'))
    .description('why a round ended as it did; the last one, unless its number is given')
    .argument('<loop>')
    .argument('[round]', 'a number', howMany)
    .addHelpText('after', '\nExample:\n  trainyard loop explain churnRetraining 12')
    .action(async (name: string, round: number | undefined, flags: ReadFlags) => {
      const found = await (await openLoops(flags)).explain(name, round);
      if (flags.json) {
        write(JSON.stringify({ loop: name, ...found }));
        return;
      }
      write(`${name}, round ${found.round} (${found.at.slice(0, 16).replace('T', ' ')}), labels until ${found.asOf}`);
      write(found.sentence);
      const { comparison, rollout } = found.outcome ?? {};
      if (found.version !== undefined) write(`  version ${found.version}, sha256 ${found.model ?? ''}`);
      if (rollout) write(`  rollout ${rollout.id}: revision ${rollout.revision ?? '?'} ${rollout.outcome}`);
      if (rollout?.evidence) write(`  looks ${rollout.evidence.uri}`);
      if (comparison === undefined) return;
      for (const [metric, { challenger, champion }] of Object.entries(comparison.others))
        write(`  ${metric} ${challenger.toFixed(4)} against ${champion.toFixed(4)}`);
      for (const { column, measure, challenger, champion } of comparison.groups)
        write(`  groups of ${column}: ${measure} ${challenger.toFixed(3)} against ${champion.toFixed(3)}`);
      const ms = comparison.latencyMs;
      if (ms) write(`  a row in ${ms.challenger.toFixed(2)} ms against ${ms.champion.toFixed(2)} ms`);
    });
}

function lineOf(name: string, { state }: LoopHead): string {
  const last = state.decisions.at(-1);
  return `${name}  ${standingOf(state)}; ${state.rounds} rounds${last ? `, the last one ${last.verdict}` : ''}`;
}

function summaryOf(name: string, { state, at, generation }: LoopHead) {
  const { champion, rounds, decisions, paused, running } = state;
  const last = decisions.at(-1);
  const standing = standingOf(state);
  const model = champion?.model ?? null;
  return { loop: name, standing, generation, at, rounds, paused: paused !== null, running, champion: model, last };
}

function modelLine(model: StandingModel | null): string {
  if (model === null) return 'none';
  const from = model.round === null ? 'put there by a person' : `of round ${model.round}`;
  const version = model.version === undefined ? '' : `version ${model.version}, `;
  return `${version}${model.model.slice(0, 12)}, ${from}, since ${model.at.slice(0, 16).replace('T', ' ')}`;
}
