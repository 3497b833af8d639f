/** From how a trainer's process ended to the class of the failure. @module */
import { type Evidence, StageFailure } from '../context/stage-failure.js';
import { TrainyardError } from '../contracts/errors.js';
import type { FailureClass } from '../contracts/failure-classes.js';
import type { TrainerExit } from './child-process.js';
import type { UpMessage } from './protocol.js';

/** The failure that a trainer reported itself before it ended. */
export type ReportedFailure = Extract<UpMessage, { type: 'failure' }>;

/**
 * The failure of a trainer that ended without an output and was not told to stop. What it reported itself counts most, then
 * what broke the protocol, then the kernel's word on memory, then signal and exit code.
 */
export function classifyExit(title: string, exit: TrainerExit, reported: ReportedFailure | undefined): StageFailure {
  const evidence: Evidence = {
    ...(exit.code === null ? {} : { exitCode: exit.code }),
    ...(exit.signal === null ? {} : { signal: exit.signal }),
    ...(exit.oomKills === 0 ? {} : { oomKills: exit.oomKills }),
    ...(exit.stderr.length === 0 ? {} : { stderr: exit.stderr.join('\n').slice(-4_000) }),
  };
  if (reported) return reportedFailure(reported, evidence);
  if (exit.broken) return new StageFailure('Failed', exit.broken.message, { ...evidence, code: exit.broken.code });
  const failed = (failureClass: FailureClass, what: string) =>
    new StageFailure(failureClass, new TrainyardError('TY1603', `trainer ${title} ${what}`).message, evidence);
  if (exit.signal === 'SIGKILL' && exit.oomKills > 0) return failed('OutOfMemory', 'was killed for memory');
  // V8 aborts when its own heap is full, which no cgroup counts: its last words are all there is to go by.
  if (exit.signal === 'SIGABRT' && exit.stderr.some((line) => line.includes('JavaScript heap out of memory')))
    return failed('OutOfMemory', 'ran out of its JavaScript heap');
  if (exit.signal !== null) return failed('Failed', `was ended by ${exit.signal}`);
  return failed(
    'Failed',
    exit.code === 0 ? 'ended without an output' : `ended with exit code ${exit.code ?? 'unknown'}`,
  );
}

function reportedFailure(reported: ReportedFailure, evidence: Evidence): StageFailure {
  const failure = new StageFailure(reported.class, reported.message, { ...evidence, ...reported.evidence });
  if (reported.stack !== undefined) failure.stack = reported.stack;
  return failure;
}
