/** The store's work on behalf of a trainer: it hands over files, its worker stores them under the attempt's token. @module */
import { mkdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactStore } from '../artifacts/store.js';
import type { DurableCheckpoints } from '../context/background-checkpoints.js';
import type { AttemptReports } from '../context/reports.js';
import { classifyError } from '../context/stage-failure.js';
import type { DownMessage, Start, UpMessage } from './protocol.js';

/** A message of a trainer that waits for an answer. */
export type TrainerRequest = Extract<UpMessage, { id: number }>;

/** What requests are answered from. */
export interface RequestHost {
  readonly store: ArtifactStore;
  readonly checkpoints: DurableCheckpoints;
  readonly reports: AttemptReports;
}

/** Does what a trainer asks for; what goes wrong is told to the trainer, where it becomes an exception. */
export async function answerRequest(request: TrainerRequest, host: RequestHost): Promise<DownMessage> {
  try {
    return { type: 'answer', id: request.id, value: await valueOf(request, host) };
  } catch (error) {
    const { failureClass, message, evidence } = classifyError(error);
    return { type: 'refusal', id: request.id, class: failureClass, message, evidence };
  }
}

async function valueOf(request: TrainerRequest, { store, checkpoints, reports }: RequestHost) {
  switch (request.type) {
    case 'checkpoint': {
      const files = Object.fromEntries(Object.entries(request.files).map(([name, path]) => [name, { path }]));
      await checkpoints.store(request.state, files, request.numerics);
      return null;
    }
    case 'put': {
      const ref = await store.put({ path: request.path });
      if (request.name !== undefined) reports.tracked('artifact', request.name, ref);
      return ref;
    }
    case 'get':
      return store.materialise(request.ref);
  }
}

/** The newest good checkpoint as a trainer finds it: its files lie in a folder of the attempt's scratch. */
export async function layOut(checkpoints: DurableCheckpoints, scratch: string): Promise<Start['latest']> {
  const latest = await checkpoints.latest();
  if (!latest) return undefined;
  const folder = join(scratch, 'latest');
  await mkdir(folder);
  for (const name of latest.files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(await latest.file(name), path);
  }
  const { seq, attempt, numerics, files } = latest;
  // It was JSON in the manifest.
  const state = latest.state as NonNullable<Start['latest']>['state'];
  return { state, seq, attempt, numerics, files: [...files], folder };
}
