/** `trainyard schedule create`, `update` and `delete`. @module */
import type { Command } from 'commander';
import { loadProject } from '../config/load-project.js';
import { loadSchedules } from '../config/project-modules.js';
import { canonicalJson } from '../contracts/canonical-json.js';
import type { ScheduleDefinition } from '../contracts/define-schedule.js';
import { TrainyardError } from '../contracts/errors.js';
import { type ChangeFlags, changeOptions, changingVerb, tell, withSchedule } from './schedule-options.js';
import type { ProjectFlags } from './session.js';
import { timeWords } from './times.js';

/** `create`: what the project's contracts define by that name. */
export function scheduleCreateCommand(): Command {
  return changingVerb(
    'create',
    'make a schedule that the contracts define; it begins with its next time',
    'nightly',
  ).action(async (name: string, flags: ChangeFlags) => {
    const definition = await definitionOf(name, flags);
    await withSchedule(name, flags, async (schedule) => {
      await schedule.create(definition, changeOptions(flags));
      const { next, terms } = await schedule.status();
      const first = next[0] === undefined ? '' : `; its first slice is ${timeWords(next[0], terms.calendar.timeZone)}`;
      tell(flags, { schedule: name, next }, `created ${name}${first}`);
    });
  });
}

/** `update`: what the contracts say now. */
export function scheduleUpdateCommand(): Command {
  return changingVerb('update', 'take over what the contracts say now', 'nightly')
    .option('--budget', 'the budget, too, where somebody has raised it')
    .action(async (name: string, flags: ChangeFlags & { readonly budget?: boolean }) => {
      const definition = await definitionOf(name, flags);
      await withSchedule(name, flags, async (schedule) => {
        const terms = await schedule.update(definition, {
          ...changeOptions(flags),
          resetsBudget: flags.budget ?? false,
        });
        const isRaised = canonicalJson(terms.budget ?? null) !== canonicalJson(definition.terms.budget ?? null);
        const stays = isRaised ? '; its budget stays as it was raised: --budget takes that of the contracts' : '';
        tell(flags, { schedule: name, terms }, `updated ${name}${stays}`);
      });
    });
}

/** `delete`: nothing more begins. */
export function scheduleDeleteCommand(): Command {
  return changingVerb('delete', 'end a schedule; what runs goes on, and its records stay', 'nightly').action(
    async (name: string, flags: ChangeFlags) => {
      await withSchedule(name, flags, async (schedule) => {
        await schedule.delete(changeOptions(flags));
        tell(flags, { schedule: name }, `deleted ${name}`);
      });
    },
  );
}

/** Looked for before a server is: a name that nothing defines starts nothing. */
async function definitionOf(name: string, flags: ProjectFlags): Promise<ScheduleDefinition> {
  const project = await loadProject({ folder: flags.project, environment: flags.env });
  const schedules = await loadSchedules(project);
  const found = schedules.get(name);
  if (found !== undefined) return found;
  const known = [...schedules.keys()].join(', ') || 'none';
  throw new TrainyardError('TY2403', `project ${project.project.name} defines no schedule "${name}"; it has: ${known}`);
}
