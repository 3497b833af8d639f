/** Every case. One more is a file in `cases/` and a line here. @module */
import type { Case } from './case.js';
import { approval } from './cases/approval.js';
import { cancel } from './cases/cancel.js';
import { drain } from './cases/drain.js';
import { loop } from './cases/loop.js';
import { retry } from './cases/retry.js';
import { rollout } from './cases/rollout.js';
import { schedule } from './cases/schedule.js';
import { versioning } from './cases/versioning.js';

export const cases: readonly Case[] = [retry, cancel, drain, approval, schedule, loop, rollout, versioning];
