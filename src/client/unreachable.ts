/** A server that does not answer now, as opposed to one that refuses. @module */
import { isGrpcServiceError } from '@temporalio/client';

/** gRPC's DEADLINE_EXCEEDED and UNAVAILABLE. */
const silent = new Set<number>([4, 14]);

/** Whether the error means that the Temporal server did not answer: it may come back, and runs go on then. */
export function isUnreachable(error: unknown): boolean {
  let inner = error;
  while (inner instanceof Error && !isGrpcServiceError(inner)) inner = inner.cause;
  return isGrpcServiceError(inner) && silent.has(inner.code);
}
