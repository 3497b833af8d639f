/** How a run stands among others, in words: its priority, its tenant, its turn. @module */
import type { RunStatus, WaitingForPlace } from '../client/run-status.js';
import { defaultPriority } from '../contracts/priority.js';

/** `, priority 1, tenant acme`; nothing of what is as usual. */
export function standing({ priority, tenant }: Pick<RunStatus, 'priority' | 'tenant'>): string {
  return [
    priority === defaultPriority ? '' : `, priority ${priority}`,
    tenant === undefined ? '' : `, tenant ${tenant}`,
  ].join('');
}

/** `waits for a place of tenant acme, which may have 3 runs: 2 ahead`. */
export function placeSentence({ tenant, maxRuns, ahead, orMore }: WaitingForPlace): string {
  const runs = maxRuns === 1 ? '1 run' : `${maxRuns} runs`;
  return `waits for a place of tenant ${tenant}, which may have ${runs}: ${ahead}${orMore ? ' or more' : ''} ahead`;
}
