/** Places of a tenant: what a run, its tenant's queue and the bookkeeping activities say to each other. @module */
import { z } from 'zod';

/** Memo field of a run: its tenant's name. */
export const tenantMemo = 'trainyard-tenant';

/** Memo field of a tenant's queue: a {@link TenantBoard}, readable while no worker runs. */
export const boardMemo = 'trainyard-places';

/** Activity on the `pipelines` queue: brings a run's {@link PlaceRequest} to its tenant's queue; gives whether there is a cap to wait for. */
export const requestPlaceActivity = 'trainyard:requestPlace';

/** Activity on the `pipelines` queue: ends when the run of a {@link Place} has; gives the tenant's cap by then, undefined for none. */
export const watchRunActivity = 'trainyard:watchRun';

/** Signal to a tenant's queue, with a {@link PlaceRequest} and the cap. */
export const requestPlaceSignal = 'trainyard-request-place';

/** Signal to a run, with its {@link Place}: it may go on. */
export const grantPlaceSignal = 'trainyard-grant-place';

/** A run that holds a place or waits for one. It keeps both over resets and continue-as-new, which change its run id but not its chain. */
export const Place = z.object({
  workflowId: z.string(),
  /** Run id of the first run of the chain: a later start under the same workflow id has another. */
  chain: z.string(),
});
export type Place = z.output<typeof Place>;

/** A run that wants a place. */
export const PlaceRequest = Place.extend({
  /** 1 goes first. */
  priority: z.int(),
  /** Start of the chain; milliseconds since the epoch. */
  since: z.int(),
});
export type PlaceRequest = z.output<typeof PlaceRequest>;

/** What a tenant's queue shows. */
export const TenantBoard = z.object({
  maxRuns: z.int(),
  /** Runs that hold a place. */
  running: z.int(),
  /** Workflow ids in the order of their turn; the first hundred. */
  next: z.array(z.string()),
  waiting: z.int(),
});
export type TenantBoard = z.output<typeof TenantBoard>;
