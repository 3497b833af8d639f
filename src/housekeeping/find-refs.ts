/** Refs, wherever they stand: in a value, in a stored document, in the rest of a damaged one. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import { collect, type Content } from '../artifacts/verified.js';
import { TrainyardError } from '../contracts/errors.js';

/** What a ref names; its kind where the ref says one: `dataset`, `model`, `report`. */
export interface FoundRef {
  readonly sha256: string;
  /** Undefined for a digest in what is left of something damaged. */
  readonly sizeBytes: number | undefined;
  readonly kind?: string;
  /** The property that holds it. */
  readonly name?: string;
}

/** A larger document is not parsed as a whole, which takes ten times its size of memory; bytes. */
const parsedBytes = 8 * 1024 * 1024;
const sha256Pattern = /^[0-9a-f]{64}$/;
const uriPrefix = 'artifact://sha256/';

/** Every ref anywhere in a JSON value. */
export function* refsIn(value: unknown, name?: string): Generator<FoundRef, void, undefined> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  const { uri, sha256, sizeBytes, kind } = value as Partial<Record<string, unknown>>; // any property of an object may be asked for
  const isRef = typeof uri === 'string' && uri.startsWith(uriPrefix) && typeof sizeBytes === 'number';
  if (isRef && typeof sha256 === 'string' && sha256Pattern.test(sha256))
    yield { sha256, sizeBytes, ...(typeof kind === 'string' && { kind }), ...(name !== undefined && { name }) };
  for (const [key, inner] of Object.entries(value)) yield* refsIn(inner, key);
}

/** Every digest in what is left of a damaged record or document: a flipped bit leaves all but one of its refs. */
export async function digestsIn(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<FoundRef[]> {
  const digests = new Set<string>();
  let tail = '';
  try {
    for await (const chunk of chunks) {
      const text = tail + Buffer.from(chunk).toString('latin1');
      for (const [digest] of text.matchAll(/[0-9a-f]{64}/g)) digests.add(digest);
      tail = text.slice(-63);
    }
  } catch (error) {
    if (!(error instanceof TrainyardError)) throw error; // that it is damaged is known
  }
  return [...digests].map((sha256) => ({ sha256, sizeBytes: undefined }));
}

/**
 * The refs in a stored object, if it is a JSON document; no more than its first piece is read where it is none. Throws TY1201, TY1202 for
 * a document that is missing or damaged.
 * @param whole reads every object to its end, so that it is verified. @default false
 */
export async function refsOfObject(
  store: ArtifactStore,
  content: Content,
  { whole = false }: { readonly whole?: boolean } = {},
): Promise<readonly FoundRef[]> {
  const chunks = store.get(content)[Symbol.asyncIterator]();
  const first = await chunks.next();
  const rest = { [Symbol.asyncIterator]: () => ({ next: () => chunks.next() }) };
  if (first.done === true) return [];
  const isDocument = /^\s*[[{]/.test(new TextDecoder().decode(first.value.subarray(0, 64)));
  if (isDocument && content.sizeBytes <= parsedBytes) return [...refsIn(parse(first.value, await collect(rest)))];
  if (isDocument) return scan(first.value, rest);
  if (whole) while ((await chunks.next()).done !== true);
  else await chunks.return?.();
  return [];
}

function parse(...parts: readonly Uint8Array[]): unknown {
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch {
    return undefined; // it only looked like JSON
  }
}

/** Digest and size of a ref stand side by side in canonical JSON; its uri says that it is one. */
async function scan(first: Uint8Array, rest: AsyncIterable<Uint8Array>): Promise<FoundRef[]> {
  const sizes = new Map<string, number>();
  const named = new Set<string>();
  const decoder = new TextDecoder();
  let text = decoder.decode(first, { stream: true });
  const take = (part: string) => {
    for (const [, digest = '', size] of part.matchAll(/"sha256"\s*:\s*"([0-9a-f]{64})"\s*,\s*"sizeBytes"\s*:\s*(\d+)/g))
      sizes.set(digest, Number(size));
    for (const [, digest = ''] of part.matchAll(/artifact:\/\/sha256\/([0-9a-f]{64})/g)) named.add(digest);
  };
  for await (const chunk of rest) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf('}') + 1;
    take(text.slice(0, end));
    text = text.slice(end).slice(-1024);
  }
  take(text);
  return [...sizes].filter(([digest]) => named.has(digest)).map(([sha256, sizeBytes]) => ({ sha256, sizeBytes }));
}
