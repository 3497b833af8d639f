/** A tenant's queue: so many of its runs go on at a time, the others wait for their turn. @module */
import {
  condition,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  scheduleActivity,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import {
  boardMemo,
  grantPlaceSignal,
  type Place,
  type PlaceRequest,
  requestPlaceSignal,
  type TenantBoard,
  watchRunActivity,
} from '../contracts/tenants.js';
import { autoUpgrade } from '../workflow/auto-upgrade.js';

/** What a queue hands to its successor, with the waiting runs in chunks: a payload has at most 64 KiB. */
interface Carried {
  readonly maxRuns: number;
  readonly running: readonly Place[];
}

/** 150 bytes each. */
const chunkSize = 400;
const shownRuns = 100;

/**
 * The workflow `trainyard:tenant`. A run asks by signal and is granted its place by signal; the place comes back when an activity sees
 * that the run has ended, however it did. Ends itself when nobody runs and nobody waits.
 */
export async function tenant(carried?: Carried, ...chunks: readonly (readonly PlaceRequest[])[]): Promise<void> {
  const running: Place[] = [];
  let waiting: PlaceRequest[] = chunks.flat();
  let maxRuns = carried?.maxRuns ?? 0;
  let turns = 0;
  let shown = '';

  setHandler(defineSignal<[PlaceRequest, number]>(requestPlaceSignal), (request, cap) => {
    turns++;
    maxRuns = cap;
    const held = running.find((place) => isSame(place, request));
    // It was reset to before its place was granted.
    if (held) void grant(held);
    // An earlier run of that id has ended without being granted one.
    else waiting = [...waiting.filter(({ workflowId }) => workflowId !== request.workflowId), request].sort(byTurn);
  });

  const letGo = (place: Place) => {
    const at = running.indexOf(place);
    if (at >= 0) running.splice(at, 1);
    turns++;
  };
  const watch = async (place: Place) => {
    const cap = await scheduleActivity<number | undefined>(watchRunActivity, [place, tenantName()], watching);
    maxRuns = cap ?? Number.MAX_SAFE_INTEGER;
    letGo(place);
  };
  const grant = async (place: Place) => {
    try {
      await getExternalWorkflowHandle(place.workflowId).signal(grantPlaceSignal, place);
    } catch (error) {
      if (isCancellation(error)) throw error;
      letGo(place); // it was cancelled or terminated while it waited
    }
  };
  const hasTurn = () => waiting.length > 0 && running.length < maxRuns;
  const publish = () => {
    const next = waiting.slice(0, shownRuns).map(({ workflowId }) => workflowId);
    const board: TenantBoard = { maxRuns, running: running.length, waiting: waiting.length, next };
    if (JSON.stringify(board) === shown) return;
    shown = JSON.stringify(board);
    upsertMemo({ [boardMemo]: board });
  };

  for (const place of carried?.running ?? []) {
    running.push(place);
    void watch(place);
  }
  while (running.length > 0 || waiting.length > 0) {
    while (hasTurn()) {
      // hasTurn: there is one.
      const { workflowId, chain } = waiting.shift() as PlaceRequest;
      const place = { workflowId, chain };
      running.push(place);
      void grant(place).then(() => (running.includes(place) ? watch(place) : undefined));
    }
    publish();
    const before = running.length + waiting.length;
    await condition(() => hasTurn() || running.length + waiting.length !== before || turns >= manyTurns);
    if (turns < manyTurns) continue;
    // The server refuses the end of a history while signals come in, and all of it is replayed: a crowd is let in first.
    const last = turns;
    const isQuiet = !(await condition(() => turns !== last, '1 second'));
    if (isQuiet || turns >= tooManyTurns)
      await continueAsNew<typeof tenant>({ maxRuns, running }, ...inChunks(waiting)); // throws
  }
}

const watching = {
  startToCloseTimeout: '365 days',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1s', maximumInterval: '10s' },
} as const;

autoUpgrade(tenant);

function tenantName(): string {
  const { workflowId } = workflowInfo();
  return workflowId.slice(workflowId.lastIndexOf('/') + 1);
}

/** Requests and ends after which a new history begins at the next quiet moment, and after which it begins; 5 to 15 events each. */
const [manyTurns, tooManyTurns] = [300, 2_000];

function isSame(one: Place, other: Place): boolean {
  return one.workflowId === other.workflowId && one.chain === other.chain;
}

/** A better priority first, then who came first. */
function byTurn(one: PlaceRequest, other: PlaceRequest): number {
  return one.priority - other.priority || one.since - other.since || (one.chain < other.chain ? -1 : 1);
}

function inChunks(requests: readonly PlaceRequest[]): PlaceRequest[][] {
  const chunks: PlaceRequest[][] = [];
  for (let at = 0; at < requests.length; at += chunkSize) chunks.push(requests.slice(at, at + chunkSize));
  return chunks;
}
