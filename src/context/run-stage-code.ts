/** Stage code from its context to its result. @module */
import { messageOf } from '../contracts/errors.js';
import type { StageContext } from './stage-context.js';

/** Runs stage code; when this settles, whatever it saved is durable. A checkpoint that is not fails code that succeeded. */
export async function runStageCode<Context extends StageContext<unknown, unknown>, Output>(
  context: Context,
  code: (context: Context) => Promise<Output>,
): Promise<Output> {
  const { checkpoints, log } = context;
  try {
    const output = await code(context);
    await checkpoints.flush();
    return output;
  } catch (error) {
    await checkpoints.flush().catch((reason: unknown) => {
      log.warn({ reason: messageOf(reason) }, 'the last checkpoint was not stored');
    });
    throw error;
  }
}
