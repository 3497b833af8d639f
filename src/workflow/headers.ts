/** The workflow half of the one interceptor pair that carries headers: which stage call an activity belongs to. @module */
import { AsyncLocalStorage, defaultPayloadConverter, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { type StageCall, stageCallHeader } from '../contracts/envelope.js';

/** The SDK types it by `node:async_hooks`, which the sandbox does not know. */
interface Calls {
  run<Result>(call: StageCall, schedule: () => Result): Result;
  getStore(): StageCall | undefined;
}
// eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- see Calls
const calls: Calls = new AsyncLocalStorage<StageCall>();

/** Runs `schedule`; the activity that it schedules carries `call`. */
export function withStageCall<Result>(call: StageCall, schedule: () => Promise<Result>): Promise<Result> {
  return calls.run(call, schedule);
}

/** Registered in the workflow bundle as an interceptor module. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        const call = calls.getStore();
        if (call === undefined) return next(input);
        const headers = { ...input.headers, [stageCallHeader]: defaultPayloadConverter.toPayload(call) };
        return next({ ...input, headers });
      },
    },
  ],
});
