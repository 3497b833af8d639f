/** Retraining loops: declared and changed through their entity, read from the store alone. @module */
import { putJson, readJson } from '../artifacts/json.js';
import type { z } from 'zod';
import { parseOrThrow } from '../contracts/contract-violation.js';
import type { LoopContract } from '../contracts/define-loop.js';
import { TrainyardError } from '../contracts/errors.js';
import { Candidate, type LoopRound, type LoopTrigger, RoundOutcome } from '../contracts/loop-rounds.js';
import { loops } from '../contracts/loop-rules.js';
import type { LoopAnswer, LoopChange, LoopDecision, LoopState, StandingModel } from '../contracts/loop-state.js';
import type { EntityState } from '../records/entity-heads.js';
import type { ChangeOptions } from './change-entity.js';
import { Entities, type EntitiesOptions } from './entities.js';

/** What {@link Loops} stands on. */
export type LoopsOptions = EntitiesOptions;

/** A published state of a loop. */
export type LoopHead = EntityState<LoopState, LoopChange, LoopAnswer>;

/**
 * The retraining loops of one project.
 * @example
 * const loops = new Loops({ project: 'churn', store, client });
 * await loops.declare(churnRetraining, { by: 'ana', reason: 'keep the model good' });
 */
export class Loops extends Entities<LoopState, LoopChange, LoopAnswer> {
  constructor(options: LoopsOptions) {
    super(options, loops, { word: 'loop', missing: 'TY2510' });
  }

  /**
   * Begins a loop, or gives one another policy.
   * @param options.name several loops may share a contract. @default the contract's
   * @param options.endpoint and `model`: where this one's champion is served, and registered. @default the contract's
   * @param options.settings what its rounds are told, a few kilobytes at most. @default nothing
   * @param options.champion the model that is served already; without one the first challenger that is trained is promoted
   * @throws TrainyardError TY2511 where the loop has another champion.
   */
  async declare(
    contract: LoopContract,
    options: ChangeOptions & {
      readonly name?: string;
      readonly endpoint?: string;
      readonly model?: string;
      readonly settings?: LoopRound['settings'];
      readonly champion?: z.input<typeof Candidate>;
    },
  ): Promise<LoopAnswer> {
    const champion = options.champion && (await this.standing(options.champion));
    const { endpoint, model = endpoint, settings } = options;
    const policy = {
      ...contract.policy,
      ...(endpoint !== undefined && { endpoint }),
      ...(model !== undefined && { model }),
      ...(settings && { settings }),
    };
    return this.change(
      options.name ?? contract.name,
      { kind: 'declare', policy, ...(champion && { champion }) },
      options,
    );
  }

  /** No round begins until {@link resume}; one that goes on is not disturbed. */
  pause(name: string, options: ChangeOptions): Promise<LoopAnswer> {
    return this.change(name, { kind: 'pause', why: options.reason.slice(0, 300) }, options);
  }

  resume(name: string, options: ChangeOptions): Promise<LoopAnswer> {
    return this.change(name, { kind: 'resume' }, options);
  }

  /**
   * Asks for a training. A person waits for neither debounce nor cool-down, but for the budget.
   * @param trigger.asOf until when there are labelled rows, ISO 8601. @default now
   */
  trigger(
    name: string,
    trigger: { readonly cause?: LoopTrigger['cause']; readonly asOf?: string },
    options: ChangeOptions,
  ): Promise<LoopAnswer> {
    const { cause = 'person', asOf } = trigger;
    const why = options.reason.slice(0, 300);
    return this.change(name, { kind: 'trigger', trigger: { cause, why, ...(asOf && { asOf }) } }, options);
  }

  /** Says that labels have come in: rows with labels so far, in all, and until when. */
  observe(
    name: string,
    labels: { readonly rows: number; readonly asOf: string },
    options: ChangeOptions,
  ): Promise<LoopAnswer> {
    return this.change(name, { kind: 'observe', ...labels }, options);
  }

  /** Tells the loop that a person has put a model at its endpoint, past the gate: it is watched like one of its own. */
  async adopt(name: string, champion: z.input<typeof Candidate>, options: ChangeOptions): Promise<LoopAnswer> {
    const why = options.reason.slice(0, 300);
    return this.change(name, { kind: 'adopt', champion: await this.standing(champion), why }, options);
  }

  /** How a round ended, with all that it was decided on; the newest round that ended by default. Throws TY2514 for one that has not. */
  async explain(name: string, round?: number): Promise<LoopDecision & { readonly outcome?: RoundOutcome }> {
    const { state } = await this.show(name);
    const found = await this.decision(name, state, round ?? state.decisions.at(-1)?.round ?? 0);
    if (found === undefined) throw new TrainyardError('TY2514', `${name} has no round ${round ?? ''} that has ended`);
    if (found.evidence === undefined) return found;
    return { ...found, outcome: await readJson(this.options.store, found.evidence, RoundOutcome) };
  }

  private async decision(name: string, state: LoopState, round: number): Promise<LoopDecision | undefined> {
    const recent = state.decisions.find((one) => one.round === round);
    if (recent !== undefined || round < 1) return recent;
    for await (const { state } of this.history(name)) {
      const found = state.decisions.find((one) => one.round === round);
      if (found) return found;
    }
    return undefined;
  }

  private async standing(given: z.input<typeof Candidate>): Promise<StandingModel> {
    const candidate = parseOrThrow(Candidate, given, 'champion');
    const ref = await putJson(this.options.store, candidate);
    const { model, version } = candidate;
    return { model: model.sha256, version, candidate: ref, at: new Date().toISOString(), round: null };
  }
}
