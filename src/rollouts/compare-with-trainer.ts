/** A revision that is loaded and meets no traffic yet, compared with its trainer. @module */
import { readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { ModelManifest } from '../contracts/manifests.js';
import { ParitySamples } from '../contracts/parity.js';
import type { TrainerComparison, TrainerQuestion } from '../contracts/rollouts.js';
import { latestEndpoint } from '../records/endpoints.js';
import { compareAnswers } from './compare-answers.js';
import { findServer } from './find-server.js';
import { askModel } from './inference-client.js';

/** Asks one server for the revision's answers by its number. What passes, like a server that goes away in between, is thrown. */
export async function compareWithTrainer(
  store: ArtifactStore,
  { endpoint, revision, model, parity }: TrainerQuestion,
  signal: AbortSignal,
): Promise<TrainerComparison> {
  try {
    const samples = await readJson(store, parity, ParitySamples);
    if (samples.model !== model.sha256)
      throw new TrainyardError('TY1707', `the parity samples were made by model ${samples.model}, not ${model.sha256}`);
    const generation = (await latestEndpoint({ store }, endpoint))?.generation ?? 0;
    const address = await findServer(store, { endpoint, revision, model: model.sha256, generation });
    if (address === undefined) return { kind: 'waits' };
    const { inputs } = await readJson(store, model, ModelManifest);
    const { rows, maxAbsDifference } = await compareAnswers(samples, (form, asked) =>
      askModel(`${address}/versions/${revision}`, asked, inputs, { form, signal }),
    );
    return { kind: 'agrees', rows, maxAbsDifference };
  } catch (error) {
    if (!(error instanceof TrainyardError) || error.retried) throw error;
    return { kind: 'differs', because: `${error.what} [${error.code}]` };
  }
}
