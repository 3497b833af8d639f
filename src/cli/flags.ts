/** Command-line flags from a zod schema: `--input.epochs 5` is typed, described and defaulted by the contract. @module */
import { readFileSync } from 'node:fs';
import { Option, type Command } from 'commander';
import { z } from 'zod';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import type { JsonObjectSchema } from '../contracts/json-schema.js';

/** A leaf of the input: scalars have a flag of their own, lists and unions take JSON. */
interface InputFlag {
  readonly path: readonly string[];
  readonly type: string;
  readonly description: string;
}

type Schema = z.core.JSONSchema.BaseSchema;

/** Adds `--input @file.json` and a `--input.<path>` for each leaf of the schema. */
export function addInputFlags(command: Command, schema: JsonObjectSchema): void {
  command.option('--input <json>', 'the whole input as JSON, or @file.json');
  for (const flag of leaves(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), [], true))
    command.addOption(new Option(`--input.${flag.path.join('.')} <${flag.type}>`, flag.description));
}

/**
 * The input that the flags spell, not yet checked: `--input` first, single flags on top of it.
 * Throws TY1907 for JSON that cannot be read, naming the flag.
 */
export function inputFromFlags(
  schema: JsonObjectSchema,
  options: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const input = typeof options['input'] === 'string' ? readWholeInput(options['input']) : {};
  for (const flag of leaves(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), [], true)) {
    const text = options[`input.${flag.path.join('.')}`];
    if (typeof text === 'string') assign(input, flag.path, parse(flag, text));
  }
  return input;
}

function leaves(schema: Schema, path: readonly string[], required: boolean): InputFlag[] {
  if (schema.type === 'object' && schema.properties)
    return Object.entries(schema.properties).flatMap(([name, property]) =>
      leaves(property as Schema, [...path, name], schema.required?.includes(name) ?? false),
    );
  const words = [
    schema.description,
    required && schema.default === undefined ? '(required)' : undefined,
    schema.default === undefined ? undefined : `(default: ${JSON.stringify(schema.default)})`,
  ];
  return [{ path, type: typeName(schema), description: words.filter(Boolean).join(' ') }];
}

function typeName(schema: Schema): string {
  if (schema.enum) return schema.enum.join('|');
  return typeof schema.type === 'string' && schema.type !== 'object' && schema.type !== 'array' ? schema.type : 'json';
}

function parse({ path, type }: InputFlag, text: string): unknown {
  if (type === 'number' || type === 'integer')
    return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return type === 'json' ? json(`--input.${path.join('.')}`, text) : text;
}

/** An object from JSON, or from the JSON file that `@path` names. Throws TY1907. */
export function readWholeInput(text: string): Record<string, unknown> {
  const value = text.startsWith('@') ? json(`--input ${text}`, readInput(text.slice(1))) : json('--input', text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TrainyardError('TY1907', `--input is not a JSON object`);
  return value as Record<string, unknown>;
}

function readInput(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TrainyardError('TY1907', `--input @${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function json(flag: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TrainyardError('TY1907', `${flag} is not JSON: ${messageOf(error)}`, { cause: error });
  }
}

function assign(target: Record<string, unknown>, [head = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const inner = target[head];
  const nested = typeof inner === 'object' && inner !== null ? { ...inner } : {};
  assign(nested, rest, value);
  target[head] = nested;
}
