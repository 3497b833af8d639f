/** The activity half of the one interceptor pair that carries headers: which stage call an activity belongs to. @module */
import type { Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { StageCall } from '../contracts/envelope.js';
import { stageCallHeader } from '../contracts/names.js';

const calls = new WeakMap<Context, StageCall>();

/** Registered on every worker of a pool: `interceptors: { activity: [stageCallInterceptor] }`. */
export const stageCallInterceptor: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    execute(input, next) {
      const payload = input.headers[stageCallHeader];
      if (payload) calls.set(context, StageCall.parse(defaultPayloadConverter.fromPayload(payload)));
      return next(input);
    },
  },
});

/** The call that came with the activity of `context`; undefined for an activity that no `proxyStages` has scheduled. */
export function stageCallOf(context: Context): StageCall | undefined {
  return calls.get(context);
}
