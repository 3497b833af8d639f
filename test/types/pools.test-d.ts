/** Priorities, slots and tenants as a user's compiler sees them. @module */
import { definePipeline, defineProject, type PriorityLevel, type RunPriority, type TenantOptions } from 'trainyard';
import type { StageCallOptions } from 'trainyard/workflow';
import { z } from 'zod';

export const first: PriorityLevel = 1;
// @ts-expect-error priorities end at 5
export const beyond: PriorityLevel = 6;

export const standing: RunPriority = { priority: 2, tenant: 'acme', fairnessWeight: 0.5 };
// @ts-expect-error a priority in words
export const inWords: RunPriority = { priority: 'high' };

export const capped: TenantOptions = { maxRuns: 3 };
// @ts-expect-error a cap of nothing
export const uncapped: TenantOptions = {};

export const call: StageCallOptions = { priority: 1 };
// @ts-expect-error a fairness key belongs to the run
export const keyed: StageCallOptions = { fairnessKey: 'acme' };

const shape = { input: z.object({}), output: z.object({}), stages: {} };
definePipeline('nightly', { ...shape, priority: 5 });
// @ts-expect-error priorities are whole numbers
definePipeline('nightly', { ...shape, priority: 2.5 });

defineProject({ name: 'shop', pools: { gpu: { device: 'cuda', slots: 2, yieldAfter: '30 seconds' } } });
// @ts-expect-error not a duration
defineProject({ name: 'shop', pools: { gpu: { device: 'cuda', yieldAfter: 'soon' } } });
