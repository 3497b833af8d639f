/** What is known of a version of a model, from the registry and from the manifest of the model itself. @module */
import { readJson } from '../artifacts/json.js';
import type { ArtifactStore } from '../artifacts/store.js';
import { TrainyardError } from '../contracts/errors.js';
import { ModelManifest } from '../contracts/manifests.js';
import type { DatasetMark, ModelVersion, ParameterValue } from '../contracts/model-version.js';
import type { RegisteredVersion } from '../records/model-heads.js';

/** A version, completed by its model's manifest where the store has it. */
export interface VersionFacts extends Omit<RegisteredVersion, 'details'> {
  readonly details: ModelVersion;
  /** Of all its files, or of the artifact alone where nothing says more. */
  readonly sizeBytes: number;
  /** Those of the training, then what the bit-identity of the weights depends on. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly datasets: Readonly<Record<string, DatasetMark>>;
}

/** Completes a version. What the registry says goes before what the manifest says. */
export async function factsOf(store: ArtifactStore, version: RegisteredVersion): Promise<VersionFacts> {
  const { details } = version;
  const manifest = await manifestOf(store, details);
  const fitted = manifest && !Object.values(details.datasets).some(({ sha256 }) => sha256 === manifest.dataset);
  return {
    ...version,
    details: manifest ? { ...details, signature: details.signature ?? signatureOf(manifest) } : details,
    sizeBytes: details.sizeBytes ?? manifest?.graph.sizeBytes ?? details.model.sizeBytes,
    parameters: { ...scalarsOf(manifest?.numerics ?? {}), ...details.parameters },
    datasets: fitted ? { ...details.datasets, 'fitted on': { sha256: manifest.dataset } } : details.datasets,
  };
}

/** Undefined for a model of another making, and for one that the store has lost: its version is still told. */
async function manifestOf(store: ArtifactStore, { model }: ModelVersion): Promise<ModelManifest | undefined> {
  if (model.kind === undefined && model.sizeBytes > largestManifest) return undefined;
  try {
    return await readJson(store, model, ModelManifest);
  } catch (error) {
    if (error instanceof TrainyardError && lost.has(error.code)) return undefined;
    throw error;
  }
}

/** Bytes. */
const largestManifest = 1024 * 1024;

/** Not in the store, damaged, no manifest. */
const lost = new Set(['TY1201', 'TY1202', 'TY1208']);

function signatureOf({ inputs, outputs }: ModelManifest): NonNullable<ModelVersion['signature']> {
  return { inputs, outputs };
}

function scalarsOf(numerics: ModelManifest['numerics']): Record<string, ParameterValue> {
  return Object.fromEntries(
    Object.entries(numerics).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    ]),
  );
}
