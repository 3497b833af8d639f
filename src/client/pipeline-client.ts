/** Starts, finds and lists runs of a project's pipelines. @module */
import { randomUUID } from 'node:crypto';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { ArtifactStore } from '../artifacts/store.js';
import { authorMemo, RunAuthor } from '../contracts/approvals.js';
import { budgetMemo, type Limits, RunBudget } from '../contracts/budget.js';
import { parseOrThrow } from '../contracts/contract-violation.js';
import type { PipelineContract, PipelineInput, PipelineOutput } from '../contracts/define-pipeline.js';
import type { ScheduleDefinition } from '../contracts/define-schedule.js';
import { TrainyardError } from '../contracts/errors.js';
import { isOwn, newWorkflowIdOf, pipelinesPool, taskQueue, tickWorkflow, workflowIdOf } from '../contracts/names.js';
import { type RunPriority, temporalPriority } from '../contracts/priority.js';
import { tenantMemo } from '../contracts/tenants.js';
import { type AskedApproval, openApprovals } from './open-approvals.js';
import type { ChangeOptions } from './change-entity.js';
import { Run } from './run.js';
import { Schedule } from './schedule.js';
import { attributesOf } from './search-attributes.js';

/** What a pipeline client stands on. */
export interface PipelineClientOptions {
  /** A Temporal client: see `connect`. */
  readonly client: Client;
  /** The project's name. */
  readonly project: string;
  /** The project's artifact store, for metrics and exports. */
  readonly store?: ArtifactStore;
  /** Those of `TyProject` and `TyPipeline` that the namespace has: runs carry them. @default none */
  readonly searchAttributes?: readonly string[];
}

/** Options of {@link PipelineClient.start}. */
export interface StartOptions<Contract extends PipelineContract> extends RunPriority {
  /** Prefixed with the project's name. Starting an id that runs is an error; one that is closed starts anew. @default `<pipeline>-<UTC time>-<four random digits>` */
  readonly workflowId?: string;
  readonly input: PipelineInput<Contract>;
  /** Who starts the run: may not decide its approvals where their policy says so. Continue-as-new and children keep it. */
  readonly by?: string;
  /** What the run may spend, alone or with others of its `scope`. @default the contract's limits */
  readonly budget?: Limits & { readonly scope?: string };
}

/** A line of {@link PipelineClient.list}. */
export interface RunSummary {
  readonly workflowId: string;
  readonly runId: string;
  readonly pipeline: string;
  /** Temporal's status name: RUNNING, COMPLETED, FAILED … */
  readonly status: string;
  readonly startedAt: Date;
  readonly closedAt: Date | undefined;
}

/**
 * The runs of one project.
 * @example
 * const pipelines = new PipelineClient({ client: await connect({ namespace: 'churn' }), project: 'churn' });
 * const run = await pipelines.start(churnTraining, { input: { source: 'customers.csv' } });
 * await run.result();
 */
export class PipelineClient {
  constructor(private readonly options: PipelineClientOptions) {}

  /**
   * Starts a run; nothing is sent unless the input keeps the contract.
   * @throws TrainyardError TY1003 for input that breaks the contract, TY1008 for a priority that cannot be, TY1903 when a run
   * of that id is open, TY2202 for a pipeline whose approvals leave out the author when nobody says who it is.
   */
  async start<Contract extends PipelineContract>(
    contract: Contract,
    options: StartOptions<Contract>,
  ): Promise<Run<PipelineOutput<Contract>>> {
    const { client, store } = this.options;
    const action = this.action(contract, {
      ...options,
      workflowId: options.workflowId ?? `${contract.name}-${timestamp()}-${randomUUID().slice(0, 4)}`,
    });
    try {
      return new Run(await client.workflow.start(action.workflowType, action), client, store);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      throw new TrainyardError('TY1903', `a run ${action.workflowId} is open already`, { cause: error });
    }
  }

  /**
   * What starts such a run, as the action of a Temporal schedule, whose runs share a budget where it names a `scope`. Throws like {@link start}.
   * @example await client.schedule.create({ scheduleId: 'nightly', spec, action: pipelines.action(churnTraining, { input }) });
   */
  action<Contract extends PipelineContract>(contract: Contract, options: StartOptions<Contract>) {
    const { project, searchAttributes } = this.options;
    const input = parseOrThrow(contract.input, options.input, `pipeline ${contract.name}: input`);
    const needy = Object.entries(contract.policies).find(([, { notAuthor }]) => notAuthor)?.[0];
    if (needy !== undefined && options.by === undefined)
      throw new TrainyardError(
        'TY2202',
        `the author of a run of ${contract.name} may not decide "${needy}": who is it`,
      );
    const priority = temporalPriority({ ...options, priority: options.priority ?? contract.priority });
    return {
      type: 'startWorkflow',
      workflowType: contract.name,
      workflowId: newWorkflowIdOf(project, options.workflowId ?? contract.name),
      taskQueue: taskQueue(project, pipelinesPool),
      args: [input],
      staticSummary: contract.description ?? contract.name,
      typedSearchAttributes: attributesOf(project, contract.name, searchAttributes),
      ...(priority && { priority }),
      memo: {
        ...memoOf(options.budget ?? contract.budget),
        ...(options.tenant !== undefined && { [tenantMemo]: options.tenant }),
        ...(options.by !== undefined && { [authorMemo]: parseOrThrow(RunAuthor, { name: options.by }, 'by') }),
      },
    } as const;
  }

  /**
   * Makes a schedule: from the calendar's next time on, each of its slices gets exactly one successful run.
   * @throws TrainyardError TY2406 where there is one of that name, TY1914 while no pipelines worker runs.
   */
  async schedule<Contract extends PipelineContract>(
    definition: ScheduleDefinition<Contract>,
    options: ChangeOptions,
  ): Promise<Schedule> {
    const schedule = this.scheduleOf(definition.name);
    await schedule.create(definition, options);
    return schedule;
  }

  /** A schedule by its name, whether there is one or not. */
  scheduleOf(name: string): Schedule {
    const { client, project, store } = this.options;
    if (store === undefined) throw new TypeError('schedules need the artifact store: new PipelineClient({ …, store })');
    return new Schedule({ client, project, store }, name);
  }

  /** Names of the project's schedules. Eventually consistent, like {@link list}. */
  async *schedules(): AsyncGenerator<string> {
    const { client, project } = this.options;
    for await (const { scheduleId, action } of client.schedule.list())
      if (action?.workflowType === tickWorkflow && scheduleId.startsWith(`${project}/`))
        yield scheduleId.slice(project.length + 1);
  }

  /** What the project's runs ask people now. */
  openApprovals(): AsyncGenerator<AskedApproval> {
    return openApprovals(this.options.client, this.options.project);
  }

  /** A run by its workflow id (with or without the project's prefix); the newest of that id unless `runId` says which. */
  get<Output = unknown>(workflowId: string, runId?: string): Run<Output> {
    const { client, project, store } = this.options;
    return new Run(client.workflow.getHandle(workflowIdOf(project, workflowId), runId), client, store);
  }

  /**
   * The project's runs, newest first; of one that has continued as new, what it is now. Eventually consistent: Temporal's visibility lags
   * behind by up to seconds.
   */
  async *list(options: { readonly limit?: number } = {}): AsyncGenerator<RunSummary> {
    const { client, project } = this.options;
    let left = options.limit ?? 100;
    const query = `WorkflowId STARTS_WITH "${project}/" AND ExecutionStatus != "ContinuedAsNew"`;
    for await (const found of client.workflow.list({ query })) {
      if (isOwn(found.type)) continue;
      if (left-- <= 0) return;
      yield {
        workflowId: found.workflowId,
        runId: found.runId,
        pipeline: found.type,
        status: found.status.name,
        startedAt: found.startTime,
        closedAt: found.closeTime,
      };
    }
  }

  /** The one run whose id starts with `prefix`; throws TY1902 when there is none or more than one. */
  async find(prefix: string): Promise<Run> {
    const { client, project } = this.options;
    const id = workflowIdOf(project, prefix);
    const matches = new Set<string>();
    for await (const found of client.workflow.list({ query: `WorkflowId STARTS_WITH ${JSON.stringify(id)}` })) {
      if (found.workflowId === id) return this.get(id);
      if (isOwn(found.type)) continue;
      matches.add(found.workflowId);
      if (matches.size > 5) break;
    }
    const [only, ...others] = matches;
    // Visibility lags: an id that nothing lists yet may still exist, and its first call says so if it does not.
    if (only === undefined) return this.get(id);
    if (others.length > 0)
      throw new TrainyardError(
        'TY1902',
        `"${prefix}" is the beginning of several runs: ${[...matches].sort().join(', ')}`,
      );
    return this.get(only);
  }
}

function memoOf(budget: (Limits & { readonly scope?: string }) | undefined): Record<string, unknown> {
  if (budget === undefined) return {};
  const { scope, ...limits } = budget;
  return { [budgetMemo]: parseOrThrow(RunBudget, { limits, scope }, 'budget') };
}

/** `20261121-074455`: sorts by time and is readable. */
function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
}
