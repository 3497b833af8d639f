/** The activity on the `pipelines` queue that sends alerts. @module */
import { ApplicationFailure, Context } from '@temporalio/activity';
import { deliver } from '../alerts/deliver.js';
import { openSinks } from '../alerts/open-sinks.js';
import { secretValue } from '../activity/resolve-secrets.js';
import { violation } from '../contracts/contract-violation.js';
import type { Project } from '../contracts/define-project.js';
import { Alert, type Delivery, sendAlertActivity } from '../contracts/alerts.js';

/** The activity by its name. */
export function alertActivities(project: Pick<Project, 'name' | 'alerts' | 'secrets'>) {
  return {
    /**
     * Brings an alert to every sink. Safe to retry: a try begins with the sinks that the one before has not reached, and a
     * sink that hears of an alert twice has it once. Fails, and is tried again, while a sink cannot be reached.
     */
    [sendAlertActivity]: (sent: unknown): Promise<Delivery> => {
      const context = Context.current();
      const alert = alertOf(sent);
      const sinks = openSinks(project.alerts ?? [], (name) =>
        secretValue(name, project, `an alert sink of project ${project.name}`),
      );
      return deliver(alert, sinks, {
        reached: (context.info.heartbeatDetails as string[] | undefined) ?? [], // what onReached said
        onReached: (names) => {
          context.heartbeat(names);
        },
        signal: context.cancellationSignal,
      });
    },
  };
}

/** No try will make a whole alert of a broken one. */
function alertOf(sent: unknown): Alert {
  const parsed = Alert.safeParse(sent);
  if (parsed.success) return parsed.data;
  const { message, code } = violation('alert', sent, parsed.error);
  throw ApplicationFailure.create({ message, type: code, nonRetryable: true });
}
