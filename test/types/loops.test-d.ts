/** Loops and monitors as a user's compiler sees them. @module */
import { defineLoop, defineMonitor } from 'trainyard';

const common = { stages: {}, endpoint: 'churn', triggers: {}, window: { fresh: '7 days' }, gate: {} } as const;
defineLoop('churnRetraining', { ...common, approval: { expiresIn: '3 days', roles: ['risk'] } });
// @ts-expect-error fortnights are no unit
defineLoop('churnRetraining', { ...common, coolDown: '2 fortnights' });
// @ts-expect-error a comparison needs fresh rows
defineLoop('churnRetraining', { ...common, window: {} });

export const monitor = defineMonitor('churnMonitor', { stages: {}, endpoint: 'churn', every: '1 hour' });
// @ts-expect-error a monitor has a clock
defineMonitor('churnMonitor', { stages: {}, endpoint: 'churn' });
