/** One artifact, found by the beginning of its digest: what it is, and the files that it stands for. @module */
import { z } from 'zod';
import { FolderManifest } from '../artifacts/folders.js';
import { readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import type { Content } from '../artifacts/verified.js';
import { TrainyardError } from '../contracts/errors.js';
import { DatasetManifest, ModelManifest } from '../contracts/manifests.js';
import type { Ref } from '../contracts/refs.js';
import { SealedAttemptLog } from '../records/attempt-log.js';

/** What an artifact is, told by its bytes. */
export type Description =
  | { readonly is: 'dataset'; readonly document: DatasetManifest }
  | { readonly is: 'model'; readonly document: ModelManifest }
  | { readonly is: 'folder'; readonly document: FolderManifest }
  | { readonly is: 'attempt log'; readonly document: z.output<typeof SealedAttemptLog> }
  | { readonly is: 'document'; readonly document: unknown }
  | { readonly is: 'file'; readonly format: string };

/** A larger object is not looked at as a document; bytes. */
const largestDocument = 8 * 1024 * 1024;

/**
 * Finds an object by its ref, or by the beginning of its digest, in its place or among the condemned.
 * @param text `artifact://sha256/…`, `sha256:…`, four or more hexadecimal digits, or a ref as JSON
 * @throws TrainyardError TY1920 when there is none, or more than one.
 */
export async function findArtifact(store: ArtifactStore, text: string): Promise<Content> {
  const [, digits] = /^(?:.*(?:sha256[:/]|"sha256"\s*:\s*"))?([0-9a-f]{4,64})(?:".*)?$/s.exec(text.trim()) ?? [];
  if (digits === undefined) throw new TrainyardError('TY1920', `"${text}" is not the digest of an artifact`);
  const found = new Map<string, Content>();
  for (const objects of [store.housekeeping.objects(), store.housekeeping.condemned()])
    for await (const { sha256, sizeBytes } of objects)
      if (sha256.startsWith(digits)) found.set(sha256, { sha256, sizeBytes });
  const [only, ...others] = found.values();
  if (only === undefined) throw new TrainyardError('TY1920', `no artifact of ${store.uri} begins with ${digits}`);
  if (others.length > 0) throw new TrainyardError('TY1920', `${found.size} artifacts begin with ${digits}`);
  return only;
}

/** Looks at an artifact. Throws TY1201 and TY1202 like `get`. */
export async function describeArtifact(store: ArtifactStore, content: Content): Promise<Description> {
  const head = await firstBytes(store, content);
  const isDocument = /^\s*[[{"]/.test(head.toString('latin1')) && content.sizeBytes <= largestDocument;
  if (!isDocument) return { is: 'file', format: formatOf(head) };
  let document: unknown;
  try {
    document = await readJson(store, content, z.json());
  } catch (error) {
    if (error instanceof TrainyardError && error.code === 'TY1208') return { is: 'file', format: 'text' };
    throw error;
  }
  const dataset = DatasetManifest.safeParse(document);
  if (dataset.success) return { is: 'dataset', document: dataset.data };
  const model = ModelManifest.safeParse(document);
  if (model.success) return { is: 'model', document: model.data };
  const log = SealedAttemptLog.safeParse(document);
  if (log.success) return { is: 'attempt log', document: log.data };
  const folder = FolderManifest.safeParse(document);
  return folder.success ? { is: 'folder', document: folder.data } : { is: 'document', document };
}

/** The files that a dataset, a model or a folder stands for; undefined for anything else. */
export function filesOf(description: Description): { readonly path: string; readonly ref: Ref }[] | undefined {
  if (description.is === 'model') return [{ path: 'model.onnx', ref: description.document.graph }];
  if (description.is === 'folder') return description.document.files;
  if (description.is !== 'dataset') return undefined;
  return description.document.files.map(({ split = 'rows', ref }, index) => ({
    path: `${split}-${String(index).padStart(4, '0')}.parquet`,
    ref,
  }));
}

const formats: readonly (readonly [RegExp, string])[] = [
  [/^PAR1/, 'Parquet'],
  [/^\x89PNG/, 'PNG'],
  [/^<svg|^<\?xml/, 'SVG or XML'],
  [/^PK\x03\x04/, 'zip'],
  [/^\x1f\x8b/, 'gzip'],
  [/^\x08[\x01-\x20]\x12/, 'ONNX'],
];

function formatOf(head: Buffer): string {
  const text = head.toString('latin1');
  return formats.find(([pattern]) => pattern.test(text))?.[1] ?? 'bytes';
}

async function firstBytes(store: ArtifactStore, content: Content): Promise<Buffer> {
  for await (const chunk of store.get(content)) return Buffer.from(chunk.subarray(0, 64));
  return Buffer.alloc(0);
}
