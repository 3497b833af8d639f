/** `trainyard/artifacts`: the store of content-addressed bytes and create-only records. @module */
export { openFileStore } from './file-store.js';
export { fetchFolder, FolderManifest, putFolder } from './folders.js';
export type { Housekeeping, StoredObject, StoredRecord } from './housekeeping.js';
export { putJson, readJson } from './json.js';
export { putList, readList } from './lists.js';
export { MemoryStore } from './memory-store.js';
export { openStore } from './open-store.js';
export type { ArtifactStore, Source } from './store.js';
export { collect, type Content } from './verified.js';
