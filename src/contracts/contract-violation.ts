/** A value that breaks its contract, said in one sentence: path, what is wrong, the value, the remedy. @module */
import type { z } from 'zod';
import { type ErrorCode, TrainyardError } from './errors.js';

/** The error for a failed parse: TY1003 for what a caller passed, TY1004 for what a stage returned. */
export function violation(
  where: string,
  value: unknown,
  error: z.ZodError,
  code: ErrorCode = 'TY1003',
): TrainyardError {
  const problems = error.issues.slice(0, 3).map((issue) => {
    const path = [where, ...issue.path.map(String)].join('.');
    return `${path}: ${issue.message}, got ${shown(valueAt(value, issue.path))}`;
  });
  const more = error.issues.length > 3 ? `; and ${error.issues.length - 3} more` : '';
  return new TrainyardError(code, problems.join('; ') + more);
}

/** Parses, or throws {@link violation}. */
export function parseOrThrow<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
  code?: ErrorCode,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw violation(where, value, parsed.error, code);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

/** Short enough for a message; values may be large. */
function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
