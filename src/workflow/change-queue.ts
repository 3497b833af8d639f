/** The changes that an entity was asked for: in order, each once, decided on the state that the one before left. @module */
import { ApplicationFailure } from '@temporalio/workflow';
import type {
  CarriedStanding,
  ChangeRequest,
  EntityContract,
  PublishOutcome,
  PublishRequest,
  Standing,
} from '../contracts/entities.js';
import { TrainyardError } from '../contracts/errors.js';
import { checked } from './checked.js';
import { refusal, refusalFailure } from './refused-change.js';

/** A change that waits for its answer. */
interface Wish<Change> {
  readonly request: ChangeRequest;
  readonly change: Change;
  readonly answer: Promise<never>;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Changes that were decided and are to be published. */
export type Batch = PublishRequest['changes'];

/** A payload has at most 64 KiB; each change carries the state that it leaves. */
const batchBytes = 40 * 1024;

/** How many answers are kept in memory. */
const keptAnswers = 1_000;

export class ChangeQueue<State, Change, Result> {
  readonly #wishes: Wish<Change>[] = [];
  readonly #answered: Map<string, unknown>;
  #standing: CarriedStanding | undefined;
  #state: State;

  constructor(
    private readonly contract: EntityContract<State, Change, Result>,
    carried: CarriedStanding | undefined,
    recent: Standing['recent'],
  ) {
    this.#answered = new Map(recent);
    this.#standing = carried;
    this.#state = this.#stateIn(carried);
  }

  /** The state that is published. */
  get state(): State {
    return this.#state;
  }

  get newest(): Pick<PublishRequest, 'generation' | 'digest'> {
    return { generation: this.#standing?.generation ?? 0, digest: this.#standing?.digest ?? null };
  }

  get standing(): CarriedStanding {
    return this.#standing ?? { generation: 0, digest: null, at: null, state: this.#state as CarriedStanding['state'] };
  }

  /** Requests with their answers, oldest first. */
  get answered(): Iterable<readonly [string, unknown]> {
    return this.#answered;
  }

  get isWaiting(): boolean {
    return this.#wishes.length > 0;
  }

  /** Where the store says that the name stands. */
  adopt(standing: Standing | undefined): void {
    if (standing === undefined) return;
    const { recent, ...rest } = standing;
    // A store that knows less is another one: what was answered is not in it.
    if (rest.generation < this.newest.generation) this.#answered.clear();
    this.#standing = rest;
    this.#state = this.#stateIn(rest);
    for (const [id, result] of recent) this.#remember(id, result);
  }

  /** Throws what would be refused, of somebody else's asking, on the state that is published. */
  tryOut(request: ChangeRequest): void {
    const change = this.#changeOf(request);
    if (this.contract.isOwn?.(change))
      throw refusalFailure(new TrainyardError('TY1915', `${this.contract.kind} make this change themselves`));
    if (this.#standing === undefined || this.#answered.has(request.id)) return;
    this.#apply(this.#state, change, this.newest.generation + 1);
  }

  /** Takes a change and gives its answer, when it is published or refused. */
  async add(request: ChangeRequest): Promise<never> {
    const same = this.#wishes.find((wish) => wish.request.id === request.id);
    if (same) return same.answer;
    const change = this.#changeOf(request);
    let resolve: (result: never) => void = () => undefined;
    let reject: (error: Error) => void = () => undefined;
    const answer = new Promise<never>((yes, no) => {
      [resolve, reject] = [yes, no];
    });
    this.#wishes.push({ request, change, answer, resolve: (result) => resolve(result as never), reject });
    return answer;
  }

  /** Decides the changes that wait, as many as fit into one payload. Those that were answered before or are refused are answered at once. */
  take(): Batch {
    const batch: Batch[number][] = [];
    let state = this.#state;
    let bytes = 0;
    for (const wish of [...this.#wishes]) {
      const { request, change } = wish;
      if (this.#answered.has(request.id)) {
        this.#done(request).resolve(this.#answered.get(request.id));
        continue;
      }
      try {
        const { at, next } = this.#apply(state, change, this.newest.generation + batch.length + 1);
        bytes += JSON.stringify([request, next]).length;
        if (batch.length > 0 && bytes > batchBytes) break;
        batch.push({ request, at, ...next });
        state = next.state;
      } catch (error) {
        this.#done(request).reject(refusalFailure(error));
      }
    }
    return batch;
  }

  /** Answers what was published or refused; the others of the batch wait on. */
  settle(batch: Batch, { published, digest, refused, overtaken }: PublishOutcome): void {
    for (const { request, result, state, at } of batch.slice(0, published)) {
      this.#state = state as State; // made by the rules
      const generation = this.newest.generation + 1;
      this.#standing = { generation, digest, at, state: state as CarriedStanding['state'] };
      this.#remember(request.id, result);
      this.#done(request).resolve(result);
    }
    const next = batch[published];
    if (refused && next) this.#done(next.request).reject(refusal(refused));
    this.adopt(overtaken);
  }

  /** Answers all of the batch with a failure. */
  fail(batch: Batch, failure: Error): void {
    for (const { request } of batch) this.#done(request).reject(failure);
  }

  #apply(state: State, change: Change, generation: number) {
    const now = new Date(Date.now()).toISOString();
    const before = this.#standing?.at ?? now;
    const at = before > now ? before : now;
    try {
      return { at, next: this.contract.apply(state, change, { at, generation }) };
    } catch (error) {
      throw refusalFailure(error);
    }
  }

  #stateIn(standing: CarriedStanding | undefined): State {
    return standing === undefined || standing.generation === 0
      ? this.contract.initial
      : this.contract.state.parse(standing.state);
  }

  #changeOf(request: ChangeRequest): Change {
    return checked(this.contract.change, request.change, `change of ${this.contract.kind}`);
  }

  #done(request: ChangeRequest): Wish<Change> {
    const at = this.#wishes.findIndex((wish) => wish.request.id === request.id);
    const [wish] = this.#wishes.splice(at, at < 0 ? 0 : 1);
    if (wish === undefined) throw ApplicationFailure.nonRetryable(`request ${request.id} has been answered already`);
    return wish;
  }

  #remember(id: string, result: unknown): void {
    this.#answered.delete(id);
    this.#answered.set(id, result);
    for (const oldest of this.#answered.keys()) {
      if (this.#answered.size <= keptAnswers) break;
      this.#answered.delete(oldest);
    }
  }
}
