/** A recorded history as it is kept: without what is nobody's business, and what a replay does not ask. @module */
import { writeFile } from 'node:fs/promises';

/** Writes it without who ran it, on which machine and in which folder. */
export async function writeHistory(target: string, history: unknown): Promise<void> {
  await writeFile(target, `${JSON.stringify(history, nameless, 1)}\n`);
}

function nameless(key: string, value: unknown): unknown {
  if (key === 'stackTrace') return undefined;
  if (typeof value !== 'string') return value;
  if (key === 'data') return Buffer.from(anonymous(Buffer.from(value, 'base64').toString())).toString('base64');
  return anonymous(value);
}

function anonymous(text: string): string {
  return text.replaceAll(process.cwd(), '/project').replaceAll(/\b\d+@[\w.-]+/g, '1@recorded');
}
