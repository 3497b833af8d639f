/** `trainyard rollout`: a new revision meets more and more requests, judged at every step. @module */
import { userInfo } from 'node:os';
import { Command } from 'commander';
import { Rollouts } from '../client/rollouts.js';
import { ModelReader } from '../client/model-reader.js';
import { TrainyardError } from '../contracts/errors.js';
import type { RolloutBoard, RolloutCommand, RolloutEnd, RolloutStep } from '../contracts/rollouts.js';
import { trustedKeys } from '../records/signing.js';
import { dateOf } from '../reports/words.js';
import { type ReadFlags, withReadFlags } from './change-flags.js';
import { type Session, withSession } from './session.js';
import { write } from './store-session.js';

interface HandFlags extends ReadFlags {
  readonly reason: string;
  readonly by?: string;
}

interface StartFlags extends HandFlags {
  readonly model: string;
  readonly id?: string;
  readonly step?: readonly string[];
  readonly lookEvery?: string;
  readonly follow?: boolean;
}

/** The command with its verbs. */
export function rolloutCommand(): Command {
  const command = new Command('rollout').description(
    'let a new revision meet more and more requests, judged at every step',
  );
  command.addCommand(startCommand()).addCommand(showCommand());
  for (const verb of ['pause', 'resume', 'promote', 'abort'] as const) command.addCommand(handCommand(verb));
  return command.addHelpText(
    'after',
    '\nExample:\n  trainyard rollout start churn --model churn@7 --reason "weekly training"',
  );
}

function startCommand(): Command {
  return withHandFlags(new Command('start'))
    .description('start a rollout of a registered model')
    .argument('<endpoint>')
    .requiredOption('--model <name@version>', 'of the registry; the version may be an alias')
    .option('--id <id>', 'the same id twice is one rollout')
    .option(
      '--step <steps...>',
      'shadow or percent, seconds, requests: shadow,300,500 5,600,500 25,600,1000 100,600,2000',
    )
    .option('--look-every <seconds>', 'between two looks; default: 2')
    .option('--follow', 'wait for its end; exit code 3 unless it is promoted')
    .addHelpText(
      'after',
      '\nExample:\n  trainyard rollout start churn --model churn@challenger --step shadow,60,100 5,60,100 --reason "better by 0.02"',
    )
    .action(async (endpoint: string, flags: StartFlags) => {
      const steps = flags.step?.map(stepOf);
      await withRollouts(flags, async (rollouts, { store }) => {
        const [name = '', version = ''] = flags.model.split('@');
        const registered = await new ModelReader({ store }).get(
          name,
          /^\d+$/.test(version) ? Number(version) : version,
        );
        const { by = userInfo().username, reason } = flags;
        const id = await rollouts.start(endpoint, {
          model: registered.details.model,
          version: { name, version: registered.version },
          by,
          reason,
          ...(flags.id !== undefined && { id: flags.id }),
          ...(steps && { steps }),
          ...(flags.lookEvery !== undefined && { lookEvery: Number(flags.lookEvery) }),
        });
        if (!flags.follow) {
          write(flags.json ? JSON.stringify({ endpoint, id }) : `rollout ${id} of ${endpoint} has begun`);
          return;
        }
        const end = await rollouts.result(endpoint, id);
        write(flags.json ? JSON.stringify(end) : endWords(end));
        if (end.outcome !== 'promoted') process.exitCode = 3;
      });
    });
}

function showCommand(): Command {
  return withReadFlags(new Command('show'))
    .description('where the rollout of an endpoint stands, and how earlier ones ended')
    .argument('<endpoint>')
    .addHelpText('after', '\nExample:\n  trainyard rollout show churn')
    .action(async (endpoint: string, flags: ReadFlags) => {
      await withRollouts(flags, async (rollouts) => {
        const [board, ended] = [await rollouts.board(endpoint), await rollouts.ended(endpoint)];
        if (flags.json) {
          const looks = board && (await rollouts.looks(endpoint, board.id));
          write(JSON.stringify({ endpoint, running: board ?? null, looks: looks ?? [], ended }));
          return;
        }
        for (const end of ended) write(endWords(end));
        write(board ? boardWords(board) : `no rollout of ${endpoint} is under way`);
      });
    });
}

function handCommand(verb: RolloutCommand['verb']): Command {
  const what = {
    pause: 'stop judging and going on; the traffic stays as it is',
    resume: 'go on',
    promote: 'let the new revision answer everything now',
    abort: 'go back to the old revision now',
  }[verb];
  return withHandFlags(new Command(verb))
    .description(what)
    .argument('<endpoint>')
    .addHelpText('after', `\nExample:\n  trainyard rollout ${verb} churn --reason "a look at the labels first"`)
    .action(async (endpoint: string, flags: HandFlags) => {
      await withRollouts(flags, async (rollouts) => {
        const { by = userInfo().username, reason } = flags;
        const board = await rollouts.command(endpoint, verb, { by, reason });
        write(flags.json ? JSON.stringify(board) : boardWords(board));
      });
    });
}

function withHandFlags(command: Command): Command {
  return withReadFlags(command)
    .requiredOption('--reason <text>', 'kept with it')
    .option('--by <name>', 'who asks; default: the user of this machine');
}

async function withRollouts(
  flags: ReadFlags,
  work: (rollouts: Rollouts, session: Session) => Promise<void>,
): Promise<void> {
  await withSession(flags, async (session) => {
    const { client, project, store } = session;
    const trusted = trustedKeys(project.folder);
    await work(new Rollouts({ client, project: project.project.name, store, trusted }), session);
  });
}

/** `shadow,300,500`, `5,600,500`. */
function stepOf(text: string): RolloutStep {
  const [, what = '', seconds, requests] = /^(shadow|\d+(?:\.\d+)?),(\d+(?:\.\d+)?),(\d+)$/.exec(text) ?? [];
  if (what === '') throw new TrainyardError('TY1003', `"${text}" is no step: shadow,300,500 or 5,600,500`);
  const hold = { seconds: Number(seconds), requests: Number(requests) };
  if (what === 'shadow') return { mode: what, hold };
  return Number(what) === 100 ? { mode: 'full', hold } : { mode: 'canary', share: Number(what) / 100, hold };
}

function boardWords({ id, endpoint, revision, step, steps, paused, looks, seen, because }: RolloutBoard): string {
  const where = step < 0 ? 'begins' : `step ${step + 1} of ${steps}, ${Math.floor(seen * 100)} % of it`;
  return `rollout ${id} of ${endpoint}: revision ${revision ?? '?'}, ${where}${paused ? ', paused' : ''}, ${looks} looks: ${because}`;
}

function endWords({ plan, revision, outcome, withdrawn, because, at }: RolloutEnd): string {
  const what = `${outcome}${withdrawn ? ' and withdrawn' : ''}`;
  return `rollout ${plan.id} of ${plan.endpoint}: revision ${revision ?? '?'} ${what} ${dateOf(at)}: ${because}`;
}
