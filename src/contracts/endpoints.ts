/** Endpoints: which revisions of a model a name has, how its requests are shared out among them, and the rules of every change. @module */
import { z } from 'zod';
import { canonicalJson } from './canonical-json.js';
import type { ChangeFacts, EntityContract } from './entities.js';
import { TrainyardError } from './errors.js';
import { Ref } from './refs.js';
import { assertTraffic, mainRevision, revisionsOf, singleTraffic, trafficWithout, Traffic } from './traffic.js';

/** A model at an endpoint. */
export const EndpointRevision = z.object({
  /** The generation that added it: never used again. The model's version in the serving protocol. */
  id: z.int().positive(),
  /** Of the model's manifest. */
  model: Ref,
  /** Where the model is registered. */
  version: z.object({ name: z.string().max(100), version: z.int().positive() }).optional(),
  addedAt: z.iso.datetime(),
});
export type EndpointRevision = z.output<typeof EndpointRevision>;

/** What servers write down of the requests they answer; see docs/rollout.md. */
export const LogPolicy = z.object({
  /** Share of the requests, 0 to 1. */
  sample: z.number().min(0).max(1),
  /** Input columns that are written down. All others are not: no value leaves the server unless its column stands here. */
  columns: z.array(z.string().min(1).max(100)).max(100),
  /** How long rows and labels stay in the store, and how many bytes of each: the oldest go first. @default 90 days, 20 GB */
  keep: z.object({ days: z.number().positive().max(36_500), bytes: z.int().positive() }).optional(),
});
export type LogPolicy = z.output<typeof LogPolicy>;

/** Where nothing else is said: every request with its answer, and none of its inputs. */
export const defaultLogPolicy: LogPolicy = { sample: 1, columns: [] };

/** How much of a log stays where nothing else is said. */
export const defaultLogKeep: NonNullable<LogPolicy['keep']> = { days: 90, bytes: 20_000_000_000 };

/** Which attempt of which stage call deployed last; tokens of one call grow from attempt to attempt. */
const Deployer = z.object({
  /** Digest of the stage key, 16 hexadecimal digits. */
  call: z.string().regex(/^[0-9a-f]{16}$/),
  token: z.string().max(60),
});

/** The state of an endpoint. */
export const EndpointState = z.object({
  /** Oldest first. */
  revisions: z.array(EndpointRevision),
  /** Null while the endpoint is out of service. */
  traffic: Traffic.nullable(),
  /** Traffic before, newest last: what `rollBack` goes back to. */
  earlier: z.array(Traffic),
  deployers: z.array(Deployer.extend({ revision: z.int().positive() })),
  log: LogPolicy,
});
export type EndpointState = z.output<typeof EndpointState>;

/** A wish to change an endpoint. */
export const EndpointChange = z.discriminatedUnion('kind', [
  /** A new revision. `all`: it answers all requests from now on; `none`: it is loaded and waits. */
  z.object({
    kind: z.literal('deploy'),
    model: Ref,
    version: EndpointRevision.shape.version,
    traffic: z.enum(['all', 'none']),
    deployer: Deployer.optional(),
  }),
  z.object({
    kind: z.literal('setTraffic'),
    traffic: Traffic,
    /** Refuse unless this is the traffic by then. */
    instead: Traffic.nullable().optional(),
    /** It goes on with the change before: `rollBack` goes back to what was before both. */
    goesOn: z.boolean().optional(),
  }),
  /** The traffic before. */
  z.object({ kind: z.literal('rollBack') }),
  /**
   * Takes a revision away, with the traffic before where it had some; without one, the endpoint goes out of service. `unless` leaves it alone where
   * it answers requests, and where it `listens` if that is said; all others go on as they are.
   */
  z.object({
    kind: z.literal('withdraw'),
    revision: z.int().positive().optional(),
    unless: z.enum(['answers', 'listens']).optional(),
  }),
  z.object({ kind: z.literal('setLog'), log: LogPolicy }),
]);
export type EndpointChange = z.output<typeof EndpointChange>;

/** What came of a change. */
export const EndpointResult = z.object({
  /** The one that was added or taken away, else the one with the largest share; null where nothing answers. */
  revision: z.int().positive().nullable(),
});
export type EndpointResult = z.output<typeof EndpointResult>;

/** Bounds of the state: below 16 KiB as JSON. */
const [keptEarlier, keptRevisions, keptDeployers] = [8, 16, 32];

/** The rules of endpoints. Its entity is `trainyard:endpoints`, its heads are of the kind `endpoints`. */
export const endpoints: EntityContract<EndpointState, EndpointChange, EndpointResult> = {
  kind: 'endpoints',
  state: EndpointState,
  change: EndpointChange,
  result: EndpointResult,
  initial: { revisions: [], traffic: null, earlier: [], deployers: [], log: defaultLogPolicy },
  apply(state, change, facts) {
    const next = changed(state, change, facts);
    return { state: bounded(next.state), result: { revision: next.revision } };
  },
};

/** A revision by its id; throws TY2301 where there is none. */
export function revisionOf({ revisions }: EndpointState, id: number): EndpointRevision {
  const found = revisions.find((revision) => revision.id === id);
  if (found !== undefined) return found;
  const known = revisions.map((revision) => revision.id).join(', ') || 'none';
  throw new TrainyardError('TY2301', `the endpoint has no revision ${id}; it has: ${known}`);
}

interface Changed {
  readonly state: EndpointState;
  readonly revision: number | null;
}

function changed(state: EndpointState, change: EndpointChange, facts: ChangeFacts): Changed {
  switch (change.kind) {
    case 'deploy':
      return deployed(state, change, facts);
    case 'setTraffic': {
      const { traffic, instead, goesOn = false } = change;
      if (instead !== undefined && canonicalJson(instead) !== canonicalJson(state.traffic))
        throw new TrainyardError('TY2305', 'the traffic is not what this change was to replace');
      assertTraffic(traffic);
      for (const id of revisionsOf(traffic)) revisionOf(state, id);
      return goesOn ? { state: { ...state, traffic }, revision: mainRevision(traffic) } : withTraffic(state, traffic);
    }
    case 'rollBack': {
      const before = state.earlier.at(-1);
      if (before === undefined) throw new TrainyardError('TY2303', 'there is no earlier traffic to go back to');
      return {
        state: { ...state, traffic: before, earlier: state.earlier.slice(0, -1) },
        revision: mainRevision(before),
      };
    }
    case 'withdraw':
      if (change.revision !== undefined) return withdrawn(state, change.revision, change.unless);
      return { state: { ...state, traffic: null, earlier: pushed(state) }, revision: null };
    case 'setLog':
      return { state: { ...state, log: change.log }, revision: state.traffic && mainRevision(state.traffic) };
  }
}

/** A stage that is killed and run again deploys once; an attempt that a later one overtook is refused with TY1701. */
function deployed(
  state: EndpointState,
  { model, version, traffic, deployer }: Extract<EndpointChange, { kind: 'deploy' }>,
  { at, generation: id }: ChangeFacts,
): Changed {
  const own = deployer && state.deployers.find(({ call }) => call === deployer.call);
  if (deployer && own && own.token > deployer.token)
    throw new TrainyardError('TY1701', `a later attempt deployed revision ${own.revision}`);
  const others = state.deployers.filter(({ call }) => call !== deployer?.call);
  const standing = own && state.revisions.find((revision) => revision.id === own.revision);
  const answers = state.traffic && mainRevision(state.traffic) === standing?.id;
  if (deployer && standing?.model.sha256 === model.sha256 && (answers || traffic === 'none')) {
    const { id: revision } = standing;
    return { state: { ...state, deployers: [...others, { ...deployer, revision }] }, revision };
  }
  const revision: EndpointRevision = { id, model, ...(version && { version }), addedAt: at };
  const added: EndpointState = {
    ...state,
    revisions: [...state.revisions, revision],
    deployers: deployer ? [...others, { ...deployer, revision: id }] : state.deployers,
  };
  if (traffic === 'all') return withTraffic(added, singleTraffic(id));
  if (state.traffic === null) throw new TrainyardError('TY2304', 'the endpoint is out of service');
  // Loaded, and answering where a request names its version: a share of nothing is no change of traffic to go back from.
  const shares = [...state.traffic.shares.filter(({ share }) => share > 0), { revision: id, share: 0 }];
  return { state: { ...added, traffic: { ...state.traffic, shares } }, revision: id };
}

function withTraffic(state: EndpointState, traffic: Traffic): Changed {
  return { state: { ...state, traffic, earlier: pushed(state) }, revision: mainRevision(traffic) };
}

function pushed({ traffic, earlier }: EndpointState): Traffic[] {
  return traffic === null ? [...earlier] : [...earlier, traffic];
}

/**
 * One that answers goes with its traffic: the newest without it holds; where there is none, nothing answers. One that waits or listens goes out of
 * the traffic as it stands. Null for the revision where it stays.
 */
function withdrawn(state: EndpointState, revision: number, unless?: 'answers' | 'listens'): Changed {
  revisionOf(state, revision);
  const { traffic } = state;
  const answers = traffic?.shares.some((one) => one.revision === revision && one.share > 0) === true;
  const listens = traffic?.shadows.includes(revision) === true;
  if ((answers && unless !== undefined) || (listens && unless === 'listens')) return { state, revision: null };
  const earlier = state.earlier.filter((one) => !revisionsOf(one).includes(revision));
  const revisions = state.revisions.filter(({ id }) => id !== revision);
  if (!answers)
    return { state: { ...state, revisions, earlier, traffic: traffic && trafficWithout(traffic, revision) }, revision };
  return { state: { ...state, revisions, earlier: earlier.slice(0, -1), traffic: earlier.at(-1) ?? null }, revision };
}

/** What nobody needs any more is forgotten, the oldest first. */
function bounded(state: EndpointState): EndpointState {
  let earlier = state.earlier.slice(-keptEarlier);
  const needed = () => new Set([...(state.traffic ? [state.traffic] : []), ...earlier].flatMap(revisionsOf));
  while (earlier.length > 0 && needed().size > keptRevisions) earlier = earlier.slice(1);
  const kept = needed();
  const free = state.revisions.filter(({ id }) => !kept.has(id)).slice(-Math.max(1, keptRevisions - kept.size));
  const revisions = state.revisions.filter((revision) => kept.has(revision.id) || free.includes(revision));
  return { ...state, revisions, earlier, deployers: state.deployers.slice(-keptDeployers) };
}
