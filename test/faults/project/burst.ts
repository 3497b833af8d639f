/** Says something far too long. @module */
import type { z } from 'zod';
import { StageFailure } from '../../../src/context/stage-failure.js';
import type { ContextOf } from '../../../src/trainer/define-trainer.js';
import type { burst } from './contracts.js';

/** An output, a note, a unit of progress, an error, a line of the log, or evidence of so many bytes. */
export async function burstOf({
  input,
  attempt,
  track,
  progress,
  log,
}: Pick<ContextOf<typeof burst>, 'input' | 'attempt' | 'track' | 'progress' | 'log'>): Promise<
  z.output<typeof burst.output>
> {
  const text = 'é'.repeat(input.bytes / 2);
  if (input.what === 'output') return { text };
  if (input.what === 'note') track.note(text);
  if (input.what === 'unit') progress(1, 2, text);
  if (input.what === 'log') log.info({ text }, text);
  // The second attempt is quiet: what is asked is whether there is one.
  if (input.what === 'error' && attempt === 1) throw new Error(text);
  if (input.what === 'evidence' && attempt === 1) throw new StageFailure('Failed', 'too much evidence', { text });
  // Longer than a worker may be silent: heartbeats that carry too much would not arrive.
  if (input.what === 'note' || input.what === 'unit') await new Promise((resolve) => setTimeout(resolve, 5_000));
  return { text: 'quiet' };
}
