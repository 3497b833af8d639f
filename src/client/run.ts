/** One run of a pipeline: its result, status, metrics and decisions; the Temporal handle stays reachable. @module */
import {
  type Client,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store.js';
import type { DecisionRequest, OpenApproval } from '../contracts/approvals.js';
import { type BudgetRaise, budgetScope, type Spent } from '../contracts/budget.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { type DecisionOptions, sendDecision } from './decide.js';
import { exportRun } from './export-run.js';
import type { MetricPoint } from '../records/metrics-segments.js';
import { readSpent } from '../records/spend.js';
import { raiseBudget } from './raise-budget.js';
import { readCurves } from './metrics-reader.js';
import type { RunStatus } from './run-status.js';
import { statusOf } from './status-of.js';
import type { History } from './temporal-types.js';

/** A run of a pipeline. `Output` is what it results in. */
export class Run<Output = unknown> {
  private history: { readonly runId: string; readonly length: number; readonly events: History } | undefined;

  constructor(
    /** The Temporal handle: everything that Temporal can do with a workflow. */
    readonly workflow: WorkflowHandle,
    private readonly client: Client,
    private readonly store: ArtifactStore | undefined,
  ) {}

  get workflowId(): string {
    return this.workflow.workflowId;
  }

  /** Waits for the end. A failed run throws Temporal's `WorkflowFailedError`, whose cause says why. */
  async result(): Promise<Output> {
    // The workflow checked its output against the contract before it completed.
    return (await this.workflow.result()) as Output;
  }

  /** Stages, attempts, progress and open approvals; needs no worker. Throws TY1902 for an unknown run. */
  async status(): Promise<RunStatus> {
    try {
      const description = await this.workflow.describe();
      return await statusOf(this.client, description, await this.historyOf(description));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new TrainyardError('TY1902', `there is no run ${this.workflowId}`, { cause: error });
    }
  }

  /**
   * The points of a stage's curves, from the first on and live until the call ends; works after the worker is gone.
   * @param options.call 0 for the first call of the stage in this run. @default 0
   */
  async *metrics(
    stage: string,
    options: { readonly call?: number; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<MetricPoint> {
    const store = this.needStore();
    yield* readCurves(store, () => this.status(), { stage, call: options.call ?? 0, signal: options.signal });
  }

  /** Asks the run to stop; stages save a checkpoint first. Its result is then a cancellation. */
  async cancel(): Promise<void> {
    await this.workflow.cancel();
  }

  /**
   * Approves what the run shows now. Throws TY1905 when it does not ask, TY1904 when the decision does not bind, TY2203 to TY2210 when a policy
   * refuses it, TY1914 when no worker of the pipelines answers.
   */
  async approve(name: string, options: DecisionOptions): Promise<void> {
    await this.decide(name, 'approved', options);
  }

  /** Rejects what the run shows now; throws like {@link approve}. */
  async reject(name: string, options: DecisionOptions): Promise<void> {
    await this.decide(name, 'rejected', options);
  }

  /** What the run asks now under the name of an approval. Throws TY1905 when it does not ask. */
  async question(name: string): Promise<OpenApproval> {
    const { approvals } = await this.status();
    const question = approvals.find((open) => open.name === name);
    if (question !== undefined) return question;
    const open = approvals.map((one) => one.name).join(', ') || 'nothing';
    throw new TrainyardError('TY1905', `${this.workflowId} does not wait for "${name}"; it waits for: ${open}`);
  }

  /** Decides a question as it was shown, so that nobody approves what has changed meanwhile. */
  async decideOn(question: OpenApproval, verdict: DecisionRequest['verdict'], options: DecisionOptions): Promise<void> {
    await sendDecision(this.client, this.workflow, question, verdict, options);
  }

  /** Allows the run and its children to spend more: stages that waited go on from their checkpoints. Throws TY1912 when the run refuses. */
  async raiseBudget(raise: BudgetRaise): Promise<void> {
    await raiseBudget(this.client, this.workflow, raise);
  }

  /** What was spent of the run's budget, by all that it continued from too; undefined without a budget. */
  async spent(): Promise<Spent | undefined> {
    const { budget } = await this.status();
    if (budget === undefined) return undefined;
    const { raw } = await this.workflow.describe();
    const scope = budget.scope ?? budgetScope(this.workflowId, raw.workflowExecutionInfo?.firstRunId ?? '');
    return readSpent(this.needStore(), scope);
  }

  /** Writes the run to a new folder: history, status, and the attempt logs and metrics of its stages. */
  async export(folder: string): Promise<void> {
    const history = await this.workflow.fetchHistory();
    await exportRun(folder, { status: await this.status(), history, store: this.needStore() });
  }

  /** The history is fetched again only when it has grown, or when the id means another run by now. */
  private async historyOf({ runId, historyLength: length }: WorkflowExecutionDescription): Promise<History> {
    if (this.history?.runId !== runId || this.history.length !== length)
      this.history = { runId, length, events: await this.workflow.fetchHistory() };
    return this.history.events;
  }

  private async decide(name: string, verdict: DecisionRequest['verdict'], options: DecisionOptions): Promise<void> {
    await this.decideOn(await this.question(name), verdict, options);
  }

  private needStore(): ArtifactStore {
    if (this.store === undefined)
      throw new TypeError('PipelineClient was made without a store: pass `store` to read artifacts');
    return this.store;
  }
}

/** Why a run failed, in one sentence. */
export function failureOf(error: unknown): string {
  let inner = error instanceof WorkflowFailedError ? error.cause : error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  return messageOf(inner);
}
