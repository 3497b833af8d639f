/** From how a trainer's process ended to the class of the failure. @module */
import { classOfWords } from '../context/runtime-words.js';
import { type Evidence, StageFailure } from '../context/stage-failure.js';
import { TrainyardError } from '../contracts/errors.js';
import type { FailureClass } from '../contracts/failure-classes.js';
import type { TrainerExit } from './child-process.js';
import type { UpMessage } from './protocol.js';

/** The failure that a trainer reported itself before it ended. */
export type ReportedFailure = Extract<UpMessage, { type: 'failure' }>;

/**
 * The failure of a trainer that ended without an output and was not told to stop. What it reported itself counts most, then
 * what broke the protocol, then the kernel's word on memory, then the last words of a runtime that aborted, then signal and exit code.
 */
export function classifyExit(title: string, exit: TrainerExit, reported: ReportedFailure | undefined): StageFailure {
  const evidence = evidenceOf(exit);
  if (reported) return reportedFailure(reported, exit, evidence);
  if (exit.broken) return new StageFailure('Failed', exit.broken.message, { ...evidence, code: exit.broken.code });
  const failed = (failureClass: FailureClass, what: string) =>
    new StageFailure(failureClass, new TrainyardError('TY1603', `trainer ${title} ${what}`).message, evidence);
  if (killedForMemory(exit)) return failed('OutOfMemory', 'was killed for memory');
  if (aborted(exit) && exit.stderr.some((line) => classOfWords(line) === 'OutOfMemory'))
    return failed('OutOfMemory', 'gave up for want of memory');
  if (exit.signal !== null) return failed('Failed', `was ended by ${exit.signal}`);
  return failed(
    'Failed',
    exit.code === 0 ? 'ended without an output' : `ended with exit code ${exit.code ?? 'unknown'}`,
  );
}

function evidenceOf({ code, signal, memory: { oomKills, limitHits }, limit, stderr }: TrainerExit): Evidence {
  return {
    ...(code === null ? {} : { exitCode: code }),
    ...(signal === null ? {} : { signal }),
    ...(oomKills === 0 ? {} : { oomKills }),
    ...(limitHits === 0 ? {} : { memoryLimitHits: limitHits }),
    ...(limit ? { memoryLimitBytes: limit.bytes, memoryLimitBy: limit.by } : {}),
    ...(stderr.length === 0 ? {} : { stderr: stderr.join('\n').slice(-4_000) }),
  };
}

/**
 * Whether the kernel killed it for memory. In a group of its own every kill was of its processes, be it only one that it started; elsewhere
 * the kill may have been another's, and its own end must fit. A shell in front says 128 + 9 for SIGKILL.
 */
function killedForMemory({ code, signal, memory, limit }: TrainerExit): boolean {
  if (memory.oomKills === 0) return false;
  return limit?.by.startsWith('cgroup') === true || signal === 'SIGKILL' || code === 137;
}

/** V8 and libstdc++ abort where memory ends, which no cgroup counts: what they last say is all there is to go by. */
function aborted({ code, signal }: TrainerExit): boolean {
  // V8 ends with SIGABRT (134 behind a shell), in places with a trap instruction: SIGTRAP (133) or SIGILL (132).
  return ['SIGABRT', 'SIGTRAP', 'SIGILL'].includes(signal ?? '') || [134, 133, 132].includes(code ?? 0);
}

function reportedFailure(reported: ReportedFailure, exit: TrainerExit, evidence: Evidence): StageFailure {
  // A bug that began with a kill for memory: a data loader's process, a rank.
  const failureClass = reported.class === 'Failed' && killedForMemory(exit) ? 'OutOfMemory' : reported.class;
  const failure = new StageFailure(failureClass, reported.message, { ...evidence, ...reported.evidence });
  if (reported.stack !== undefined) failure.stack = reported.stack;
  return failure;
}
