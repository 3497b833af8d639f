/** Refuses, when a contract is defined, any schema whose values do not survive JSON unchanged. @module */
import { z } from 'zod';
import { TrainyardError } from './errors.js';

/** What Temporal's JSON payloads carry without loss. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A schema of JSON values that parsing leaves as they are. */
export type JsonSchema = z.ZodType<Json, Json>;

/** A schema of a JSON object: what a stage or a pipeline takes. */
export type JsonObjectSchema = z.ZodType<
  { readonly [key: string]: Json | undefined },
  { readonly [key: string]: Json | undefined }
>;

const lossy = new Set([
  'bigint',
  'date',
  'function',
  'symbol',
  'map',
  'set',
  'file',
  'promise',
  'nan',
  'undefined',
  'void',
]);
/** A `pipe` is how zod spells `.transform()` and codecs. */
const changing: Readonly<Record<string, string>> = {
  pipe: 'transform',
  transform: 'transform',
  catch: 'catch',
  prefault: 'prefault',
};

/**
 * Throws TY1002, naming the path, unless every value of the schema survives JSON and parsing changes nothing but
 * filling defaults: dates, bigint, functions, transforms, coercions and `.trim()` are refused.
 */
export function assertSurvivesJson(schema: z.ZodType, where: string): void {
  // Each run evaluates its contracts anew, which workers and clients have looked at; Temporal's own mark of a run.
  if (Reflect.get(globalThis, '__TEMPORAL_ACTIVATOR__') !== undefined || surviving.has(schema)) return;
  z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, path }) => {
      const reason = whyNotJson(zodSchema);
      if (reason !== undefined) throw new TrainyardError('TY1002', `${where}${dotted(path)}: ${reason}`);
    },
  });
  surviving.add(schema);
}

/** Schemas that were found good: contracts share them. */
const surviving = new WeakSet<z.ZodType>();

function whyNotJson(schema: z.core.$ZodType): string | undefined {
  const { def } = schema._zod;
  if (lossy.has(def.type)) return `a ${def.type} does not survive JSON`;
  if (Object.hasOwn(changing, def.type)) return `a ${changing[def.type] ?? def.type} changes the value that it parses`;
  if ('coerce' in def && def.coerce === true) return 'a coercion changes the value that it parses';
  for (const check of def.checks ?? [])
    if (check._zod.def.check === 'overwrite') return 'an overwriting check changes the value that it parses';
  return undefined;
}

/** JSON schema paths name keywords too: `['properties', 'a', 'items']` is `.a[]` to a person. */
function dotted(path: readonly (string | number)[]): string {
  return path.map((part) => (part === 'items' ? '[]' : part === 'properties' ? '' : `.${String(part)}`)).join('');
}
