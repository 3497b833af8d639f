/** A server's own copies of what it serves: with them it starts while the store is away. @module */
import { closeSync, copyFileSync, fsyncSync, linkSync, openSync, renameSync, writeSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { digestFile } from '../artifacts/digest.js';
import { isErrno } from '../artifacts/durable-files.js';
import { readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { EndpointState } from '../contracts/endpoints.js';
import { ModelManifest } from '../contracts/manifests.js';
import { keySegment } from '../contracts/names.js';
import { Ref } from '../contracts/refs.js';
import { revisionsOf } from '../contracts/traffic.js';

/** What a server remembers of an endpoint. */
const Remembered = z.object({
  version: z.literal(1),
  /** Uri of the store that it was read from. */
  store: z.string(),
  endpoint: z.string(),
  generation: z.int().positive(),
  state: EndpointState,
  /** Graphs by the digest of their model's manifest. */
  graphs: z.record(z.string(), Ref),
});
export type Remembered = z.output<typeof Remembered>;

/** Models and states below a folder that one server has to itself. */
export class ModelFolder {
  readonly #graphs = new Map<string, Ref>();

  private constructor(
    private readonly store: ArtifactStore,
    private readonly folder: string | undefined,
  ) {}

  /** Makes the folder where it is not there; without one, the store is asked for everything. */
  static async open(store: ArtifactStore, folder: string | undefined): Promise<ModelFolder> {
    if (folder !== undefined)
      for (const part of ['models', 'endpoints']) await mkdir(join(folder, part), { recursive: true });
    return new ModelFolder(store, folder);
  }

  /** Path of a model's graph, verified; from this folder where it is whole, else from the store. Throws like `materialise`. */
  async graphOf(model: Ref): Promise<string> {
    const graph = this.#graphs.get(model.sha256) ?? (await readJson(this.store, model, ModelManifest)).graph;
    this.#graphs.set(model.sha256, graph);
    if (this.folder === undefined) return this.store.materialise(graph);
    const own = join(this.folder, 'models', `${graph.sha256}.onnx`);
    if ((await digestOf(own)) === graph.sha256) return own;
    const path = await this.store.materialise(graph);
    const temporary = `${own}.${process.pid}`;
    await rm(temporary, { force: true });
    try {
      linkSync(path, temporary);
    } catch {
      copyFileSync(path, temporary); // another disk
    }
    renameSync(temporary, own);
    return own;
  }

  /** Writes down what is served; models that no endpoint needs any more go. */
  async remember(endpoint: string, generation: number, state: EndpointState): Promise<void> {
    if (this.folder === undefined) return;
    const needed = new Set(state.traffic ? revisionsOf(state.traffic) : []);
    const known = state.revisions.flatMap(({ id, model }) => {
      const graph = needed.has(id) ? this.#graphs.get(model.sha256) : undefined;
      return graph ? [[model.sha256, graph] as const] : [];
    });
    const graphs = Object.fromEntries(known);
    const remembered: Remembered = { version: 1, store: this.store.uri, endpoint, generation, state, graphs };
    placeFile(join(this.folder, 'endpoints', `${keySegment(endpoint)}.json`), JSON.stringify(remembered));
    await this.#tidy();
  }

  /** What was served when this folder was last used with this store. What cannot be read is passed over: the store has it. */
  async recall(): Promise<Remembered[]> {
    if (this.folder === undefined) return [];
    const found: Remembered[] = [];
    for (const name of await readdir(join(this.folder, 'endpoints'))) {
      const remembered = await this.#read(name);
      if (remembered?.store !== this.store.uri) continue;
      found.push(remembered);
      for (const [model, graph] of Object.entries(remembered.graphs)) this.#graphs.set(model, graph);
    }
    return found;
  }

  async #read(name: string): Promise<Remembered | undefined> {
    if (!name.endsWith('.json')) return undefined;
    const text = await readFile(join(this.folder ?? '', 'endpoints', name), 'utf8');
    try {
      return Remembered.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  async #tidy(): Promise<void> {
    const needed = new Set(
      (await this.recall()).flatMap(({ graphs }) => Object.values(graphs).map(({ sha256 }) => sha256)),
    );
    const models = join(this.folder ?? '', 'models');
    for (const name of await readdir(models))
      if (!needed.has(name.slice(0, 64))) await rm(join(models, name), { force: true });
    const known = new Set([...this.#graphs].filter(([, { sha256 }]) => needed.has(sha256)).map(([model]) => model));
    for (const model of this.#graphs.keys()) if (!known.has(model)) this.#graphs.delete(model);
  }
}

/** Replaces a file as a whole, durably: a kill leaves the old one or the new one. */
export function placeFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w');
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

async function digestOf(path: string): Promise<string | undefined> {
  try {
    return (await digestFile(path)).sha256;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
