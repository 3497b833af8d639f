/** Many clients that change one model through continue-as-new, and what its heads say afterwards. @module */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ModelReader } from '../src/client/model-reader.js';
import { entityWorkflowId } from '../src/contracts/names.js';
import type { RegistryTrial } from './project/registry-client.js';
import type { BenchStack } from './stack.js';

const run = promisify(execFile);
const clientScript = fileURLToPath(new URL('./project/registry-client.js', import.meta.url));

/** What came of it. */
export interface TrialResult {
  readonly changesPerMinute: number;
  readonly latenciesMs: readonly number[];
  /** Of the entity: one more than its times of continue-as-new. */
  readonly runs: number;
  /** Answered, but not among the heads. */
  readonly lost: number;
  /** Among the heads more than once. */
  readonly twice: number;
}

/** Runs so many clients in so many processes at a model that has `versions`, `changes` in all. */
export async function registryTrial(
  { engine, client }: BenchStack,
  reader: ModelReader,
  options: Pick<RegistryTrial, 'project' | 'model' | 'versions'> & {
    readonly processes: number;
    readonly clients: number;
    readonly changes: number;
  },
): Promise<TrialResult> {
  const { processes, clients, changes, ...about } = options;
  const start = performance.now();
  const failed = new AbortController();
  const ended = await Promise.all(
    Array.from({ length: processes }, async (_, at) => {
      const trial: RegistryTrial = {
        ...about,
        address: engine.address,
        namespace: engine.namespace,
        name: `${clients}-${at}`,
        clients: clients / processes,
        changes: Math.ceil(changes / processes),
      };
      const { stdout } = await run(process.execPath, [clientScript, JSON.stringify(trial)], {
        maxBuffer: 64e6,
        signal: failed.signal,
      });
      return JSON.parse(stdout) as { answered: string[]; latenciesMs: number[] };
    }),
  ).catch((error: unknown) => {
    failed.abort(); // none of them stays behind
    throw error;
  });
  const minutes = (performance.now() - start) / 60_000;
  const answered = ended.flatMap((one) => one.answered);
  const made = new Map<string, number>();
  for await (const { requestId } of reader.history(options.model)) made.set(requestId, (made.get(requestId) ?? 0) + 1);
  return {
    changesPerMinute: answered.length / minutes,
    latenciesMs: ended.flatMap((one) => one.latenciesMs),
    runs: await runsOf(client, entityWorkflowId(options.project, 'models', options.model)),
    lost: answered.filter((id) => !made.has(id)).length,
    twice: [...made.values()].filter((times) => times > 1).length,
  };
}

async function runsOf(client: BenchStack['client'], workflowId: string): Promise<number> {
  const { count } = await client.workflow.count(`WorkflowId = "${workflowId}"`);
  return count;
}
