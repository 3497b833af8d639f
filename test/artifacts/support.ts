/** Bytes, lists and temporary folders, for the tests of stores and records. @module */
import { chmod, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactStore } from '../../src/artifacts/store.js';

const folders: string[] = [];

after(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A new folder, removed after the tests. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-test-'));
  folders.push(folder);
  return folder;
}

export function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function text(value: Uint8Array | undefined): string | undefined {
  return value && new TextDecoder().decode(value);
}

export async function listed(store: ArtifactStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) keys.push(key);
  return keys;
}

/** Ways in which a stored object may suffer. */
export type Damage = 'flip a bit' | 'truncate' | 'append' | 'remove';

/** Does it to a file, though stores write-protect theirs. */
export async function damageFile(path: string, how: Damage): Promise<void> {
  await chmod(path, 0o644);
  if (how === 'remove') await rm(path);
  if (how === 'truncate') await truncate(path, (await stat(path)).size - 1);
  if (how === 'append') await writeFile(path, 'x', { flag: 'a' });
  if (how === 'flip a bit') {
    const content = new Uint8Array(await readFile(path));
    content[0]! ^= 1;
    await writeFile(path, content);
  }
}
