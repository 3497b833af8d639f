/** The workflow of a monitor: looks on its own clock, tells whom it concerns, keeps what it found. Lives for years. @module */
import { CancellationScope, condition, isCancellation, scheduleActivity, workflowInfo } from '@temporalio/workflow';
import { sendAlertActivity } from '../contracts/alerts.js';
import type { CarriedStanding, Standing } from '../contracts/entities.js';
import { loops } from '../contracts/loop-rules.js';
import { type LookEnd, type LookRequest, runLookActivity } from '../contracts/monitor-activities.js';
import { monitors, untilLook } from '../contracts/monitor-rules.js';
import type { MonitorAnswer, MonitorChange, MonitorState } from '../contracts/monitor-state.js';
import { projectOf } from '../contracts/names.js';
import { autoUpgrade } from '../workflow/auto-upgrade.js';
import { changeName } from '../workflow/change-name.js';
import { type Entity, serveEntity } from '../workflow/serve-entity.js';

type MonitorEntity = Entity<MonitorState, MonitorChange, MonitorAnswer>;

/** The workflow `trainyard:monitors`. */
export function monitor(carried?: CarriedStanding, recent?: Standing['recent']): Promise<never> {
  return serveEntity(monitors, carried, recent, work);
}

autoUpgrade(monitor);

/** A look is a run of its own. */
const looking = {
  startToCloseTimeout: '7 days',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1s', maximumInterval: '1 minute' },
} as const;

/** A sink that cannot be reached for a day has lost its turn: the next look says again what still fires. */
const sending = {
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '1 day',
  heartbeatTimeout: '90 seconds',
  retry: { initialInterval: '1s', maximumInterval: '5 minutes' },
} as const;

async function work(entity: MonitorEntity): Promise<void> {
  const own = { by: `monitor ${entity.name}` };
  while (entity.goesOn()) {
    const state = entity.state();
    const { looks, running } = state;
    if (running !== null) {
      const end = await lookEnd(entity);
      if (end === undefined) return;
      const change: MonitorChange = {
        kind: 'end',
        look: running.look,
        project: projectOf(workflowInfo().taskQueue),
        end,
      };
      await entity.change(change, { ...own, id: `end-${running.look}`, reason: 'a look has ended' });
      continue;
    }
    if (state.outbox.length > 0 || state.news !== null) {
      await tell(entity);
      await entity.change({ kind: 'told' }, { ...own, id: `told-${looks}`, reason: 'whom it concerns has been told' });
      continue;
    }
    const waitMs = untilLook(state, Date.now());
    const hasNews = () => entity.state() !== state || entity.isLeaving();
    if (waitMs === undefined) await condition(hasNews);
    else if (waitMs > 0) await condition(hasNews, waitMs);
    else
      await entity
        .change({ kind: 'begin' }, { ...own, id: `begin-${looks + 1}`, reason: 'a look is due' })
        .catch(unlessCancelled);
  }
}

/** Undefined where the entity goes on in a new run before the look has ended: that run waits for the same one. */
async function lookEnd(entity: MonitorEntity): Promise<LookEnd | undefined> {
  const { policy, running, cursor, detectors, place } = entity.state();
  const request: LookRequest = { monitor: entity.name, state: { policy, running, cursor, detectors, place } };
  const summary = `look ${running?.look ?? 0} of ${entity.name}`;
  const scope = new CancellationScope();
  const ending = scope.run(() => scheduleActivity<LookEnd>(runLookActivity, [request], { ...looking, summary }));
  await Promise.race([ending.catch(() => undefined), condition(entity.isLeaving)]);
  if (entity.isLeaving()) scope.cancel();
  try {
    return await ending;
  } catch (error) {
    if (!isCancellation(error)) throw error;
    return undefined;
  }
}

/** Neither an alert that nobody takes nor a loop that is not there keeps a monitor from looking. */
async function tell(entity: MonitorEntity): Promise<void> {
  const { outbox, news, policy } = entity.state();
  for (const alert of outbox)
    await scheduleActivity(sendAlertActivity, [alert], { ...sending, summary: alert.summary.slice(0, 100) }).catch(
      unlessCancelled,
    );
  const loop = policy?.loop;
  if (loop === undefined || news === null) return;
  const { labels, drift } = news;
  const by = `monitor ${entity.name}`;
  if (drift !== undefined) {
    const trigger = { cause: 'drift', why: drift, ...(labels && { asOf: labels.asOf }) } as const;
    await changeName(loops, loop, { kind: 'trigger', trigger }, { by, reason: drift }).catch(unlessCancelled);
  }
  if (labels !== undefined) {
    const reason = `${labels.rows} rows have labels`;
    await changeName(loops, loop, { kind: 'observe', ...labels }, { by, reason }).catch(unlessCancelled);
  }
}

function unlessCancelled(error: unknown): void {
  if (isCancellation(error)) throw error;
}
