/** Values checked in the sandbox: the same failure live and on replay. @module */
import { ApplicationFailure } from '@temporalio/workflow';
import type { z } from 'zod';
import { violation } from '../contracts/contract-violation.js';

/** The parsed value, defaults filled; throws a non-retryable `ContractViolation` that names path, value and remedy. */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const error = violation(where, value, parsed.error);
  throw ApplicationFailure.create({ message: error.message, type: 'ContractViolation', nonRetryable: true });
}
