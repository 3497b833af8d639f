/** Loaded once for each worker instead of once for each run: by far the largest part of a bundle, and without state of a run. @module */
import { atob } from 'js-base64';
import { z } from 'zod';
import * as actors from '../contracts/actors.js';
import * as alertBook from '../contracts/alert-book.js';
import * as alerts from '../contracts/alerts.js';
import * as approvalPolicy from '../contracts/approval-policy.js';
import * as approvals from '../contracts/approvals.js';
import * as budget from '../contracts/budget.js';
import * as calendar from '../contracts/calendar.js';
import * as columns from '../contracts/columns.js';
import * as contracts from '../contracts/index.js';
import * as decisions from '../contracts/decisions.js';
import * as endpoints from '../contracts/endpoints.js';
import * as entities from '../contracts/entities.js';
import * as envelope from '../contracts/envelope.js';
import * as lists from '../contracts/lists.js';
import * as loopPolicy from '../contracts/loop-policy.js';
import * as loopRounds from '../contracts/loop-rounds.js';
import * as loopRules from '../contracts/loop-rules.js';
import * as loopState from '../contracts/loop-state.js';
import * as manifests from '../contracts/manifests.js';
import * as modelRegistry from '../contracts/model-registry.js';
import * as modelVersion from '../contracts/model-version.js';
import * as monitorLooks from '../contracts/monitor-looks.js';
import * as monitorRules from '../contracts/monitor-rules.js';
import * as monitorState from '../contracts/monitor-state.js';
import * as parity from '../contracts/parity.js';
import * as refs from '../contracts/refs.js';
import * as rollOut from '../contracts/roll-out.js';
import * as rollouts from '../contracts/rollouts.js';
import * as slices from '../contracts/slices.js';
import * as slicesEntity from '../contracts/slices-entity.js';
import * as tenants from '../contracts/tenants.js';
import * as traffic from '../contracts/traffic.js';
import * as trainingState from '../contracts/training-state.js';

export { sha256 } from '@noble/hashes/sha2.js';
export { bytesToHex } from '@noble/hashes/utils.js';

// Zod checks base64 and JWTs with it and calls every one of them wrong where it is missing, as in the workflow sandbox.
Object.assign(globalThis, { atob });

// The worker freezes what runs share, to the last object, unless a frozen one ends its way. Zod rewinds its patterns before
// each use (`lastIndex`) and lets schemas remember what they worked out, and would throw: these modules are frozen no deeper.
const modules = [
  z.regexes,
  actors,
  alertBook,
  alerts,
  approvalPolicy,
  approvals,
  budget,
  calendar,
  columns,
  contracts,
  decisions,
  endpoints,
  entities,
  envelope,
  lists,
  loopPolicy,
  loopRounds,
  loopRules,
  loopState,
  manifests,
  modelRegistry,
  modelVersion,
  monitorLooks,
  monitorRules,
  monitorState,
  parity,
  refs,
  rollOut,
  rollouts,
  slices,
  slicesEntity,
  tenants,
  traffic,
  trainingState,
];
for (const module of modules) Object.freeze(module);

// Zod completes its configuration with the first schemas; later it cannot.
z.object({ sample: z.string() }).safeParse({});
