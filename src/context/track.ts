/** Experiment tracking: curves, constants, figures and notes of an attempt. @module */
import type { ArtifactStore } from '../artifacts/store.js';
import type { AttemptReports } from './reports.js';
import type { Track } from './stage-context.js';
import { StageFailure } from './stage-failure.js';

/**
 * `ctx.track`. A value whose name ends in "loss" and that is not finite throws a `Diverged` failure: what follows it would be
 * spent for nothing. Other values that are not finite are left out of the curve.
 */
export function createTrack(store: ArtifactStore, reports: AttemptReports): Track {
  return {
    params: (values) => {
      reports.params(values);
    },
    metrics: (values, { step }) => {
      for (const [name, value] of Object.entries(values))
        if (/loss$/i.test(name) && !Number.isFinite(value))
          throw new StageFailure('Diverged', `${name} is ${value} at step ${step}`, {
            metric: name,
            value: String(value),
            step,
          });
      reports.metrics(step, Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value))));
    },
    figure: async (name, figure) => {
      const bytes = figure instanceof Uint8Array ? figure : new TextEncoder().encode(JSON.stringify(figure));
      const ref = await store.put(bytes);
      reports.tracked('figure', name, ref);
      return ref;
    },
    artifact: async (name, source) => {
      const ref = await store.put(source);
      reports.tracked('artifact', name, ref);
      return ref;
    },
    note: (text) => {
      reports.note(text);
    },
  };
}
