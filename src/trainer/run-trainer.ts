/** Runs a trainer's process from its start to its output, and stops it when the attempt is to stop. @module */
import { whenDescriptorsAreFree } from '../artifacts/durable-files.js';
import { AttemptStop } from '../context/attempt-stop.js';
import { type ContextParts, seedOf } from '../context/build-context.js';
import type { AttemptReports } from '../context/reports.js';
import { type MemorySize, toBytes } from '../contracts/memory-size.js';
import { answerRequest, layOut, type TrainerRequest } from './answer-request.js';
import { startTrainer, type TrainerOptions, type TrainerProcess } from './child-process.js';
import { classifyExit, type ReportedFailure } from './classify-exit.js';
import { watchDevices } from './device-faults.js';
import { limitMemory } from './memory-limit.js';
import { protocolVersion, type Start, type UpMessage } from './protocol.js';
import type { TrainerCommand } from './trainer-command.js';

/** Options of {@link runTrainer}. */
export interface RunTrainerOptions {
  /** Variables of the worker that the process does not get. @default none */
  readonly withheld?: readonly string[] | undefined;
  /** What it may use at most. @default no limit */
  readonly memory?: MemorySize | undefined;
}

/**
 * Gives the trainer's output, not yet checked against the contract.
 * @throws StageFailure with the class that its end showed; {@link AttemptStop}, the signal's reason, when it was told to stop
 * and gave no output. When this settles, the process and all it started are gone.
 */
export async function runTrainer(
  command: TrainerCommand,
  parts: ContextParts,
  { withheld = [], memory }: RunTrainerOptions = {},
): Promise<unknown> {
  const { reports, signal, log, secrets, devices } = parts;
  const start = await startOf(parts);
  signal.throwIfAborted();
  const requests: Promise<void>[] = [];
  let output: { readonly value: unknown } | undefined;
  let failure: ReportedFailure | undefined;
  const limit = memory === undefined ? undefined : limitMemory(toBytes(memory));
  if (limit) reports.params({ 'limits.memory': `${memory} by ${limit.by}` });
  const blameDevices = watchDevices(devices);
  const starting: TrainerOptions = {
    start,
    limit,
    env: {
      ...Object.fromEntries(withheld.map((name) => [name, undefined])),
      ...secrets,
      // In the order of nvidia-smi; CUDA's own begins with the fastest.
      ...(devices.length > 0 ? { CUDA_VISIBLE_DEVICES: devices.join(','), CUDA_DEVICE_ORDER: 'PCI_BUS_ID' } : {}),
    },
    onOutput: (stream, line) => {
      log[stream === 'stdout' ? 'info' : 'warn']({ stream }, line);
    },
    onMessage: (message) => {
      if (message.type === 'output') {
        output = { value: message.output };
        setTimeout(trainer.kill, endMs).unref();
      } else if (message.type === 'failure') {
        // Ranks fail one after another: one that knows why tells the cause, the others what they see of it.
        if (failure === undefined || failure.class === 'Failed') failure = message;
      } else if ('id' in message) requests.push(answer(message));
      else report(message, reports);
    },
  };
  const trainer = await whenDescriptorsAreFree(() => startTrainer(command, starting));
  const answer = async (request: TrainerRequest) => {
    const given = await answerRequest(request, parts);
    // Said here too: the trainer may be gone, or never ask what became of its last checkpoint.
    if (given.type === 'refusal') log.warn({ reason: given.message }, `the trainer's ${request.type} was refused`);
    trainer.send(given);
  };
  const stopped = stopOnAbort(signal, trainer);
  const exit = await trainer.ended;
  stopped.release();
  await Promise.all(requests); // nothing is written to the store once the attempt has ended
  if (output && !failure) return output.value;
  if (signal.aborted) throw signal.reason;
  const ended = classifyExit(command.title, exit, failure);
  throw ended.failureClass === 'Failed' ? await blameDevices(ended) : ended;
}

// A trainer that has given its output has nothing left to do; a thread that does not end must not hold the pool's slot.
const endMs = 10_000;

/** Asks the trainer to stop when the signal is aborted, and kills its group after the grace. */
function stopOnAbort(signal: AbortSignal, trainer: TrainerProcess): { release(): void } {
  let deadline: NodeJS.Timeout | undefined;
  const stop = () => {
    const { reason, graceMs } = stopOf(signal);
    trainer.send({ type: 'stop', reason, graceMs });
    deadline = setTimeout(trainer.kill, graceMs);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return {
    release: () => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', stop);
    },
  };
}

function stopOf(signal: AbortSignal): AttemptStop {
  return signal.reason instanceof AttemptStop ? signal.reason : new AttemptStop('cancelled', 0);
}

async function startOf({
  input,
  scratch,
  devices,
  attempt,
  run,
  secrets,
  store,
  checkpoints,
}: ContextParts): Promise<Start> {
  const latest = await layOut(checkpoints, scratch);
  return {
    protocol: protocolVersion,
    input,
    seed: seedOf(run.call),
    scratch,
    devices: [...devices],
    attempt,
    run,
    secrets: Object.keys(secrets),
    store: store.uri,
    ...(latest ? { latest } : {}),
  };
}

function report(
  message: Exclude<UpMessage, { id: number } | { type: 'output' | 'failure' }>,
  reports: AttemptReports,
): void {
  switch (message.type) {
    case 'hello':
      return;
    case 'progress':
      reports.progress(message.done, message.total, message.unit);
      return;
    case 'metrics':
      reports.metrics(message.step, message.values);
      return;
    case 'params':
      reports.params(message.values);
      return;
    case 'note':
      reports.note(message.text);
      return;
    case 'tracked':
      reports.tracked(message.kind, message.name, message.ref);
      return;
    case 'log':
      reports.log(message.level, message.message, message.fields);
  }
}
