/** Alert sinks as a user's compiler sees them. @module */
import { type Alert, type AlertSinkOptions, defineProject, fromEnv } from 'trainyard';

const pools = { cpu: {} };
const hook: AlertSinkOptions = { kind: 'webhook', url: 'https://hooks.example.com', atLeast: 'warning' };
defineProject({ name: 'shop', pools, alerts: [hook] });
defineProject({
  name: 'shop',
  pools,
  secrets: { USER: fromEnv(), PASSWORD: fromEnv() },
  alerts: [{ kind: 'servicenow', instance: 'dev1', user: 'USER', password: 'PASSWORD' }],
});
// @ts-expect-error an incident needs somebody who writes it
defineProject({ name: 'shop', pools, alerts: [{ kind: 'servicenow', instance: 'dev1' }] });
// @ts-expect-error no such severity
defineProject({ name: 'shop', pools, alerts: [{ kind: 'webhook', url: 'https://example.com', atLeast: 'urgent' }] });

export function endOf(alert: Alert): string | undefined {
  // @ts-expect-error only what has ended has an end
  alert.endedAt.slice(0, 10);
  return alert.status === 'resolved' ? alert.endedAt : undefined;
}
