/** Figures of a classifier as Vega-Lite specifications. @module */
import type { CalibrationBins, ClassificationReport } from '../../src/stages/evaluation-report.js';

/** A figure for `track.figure`. */
type Figure = Readonly<Record<string, unknown>>;

const schema = 'https://vega.github.io/schema/vega-lite/v6.json';
const unit = { scale: { domain: [0, 1] }, type: 'quantitative' };
const diagonal = {
  data: {
    values: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  },
  mark: { type: 'line', strokeDash: [4, 4], color: 'grey' },
  encoding: { x: { field: 'x', ...unit }, y: { field: 'y', ...unit } },
};

/** The ROC curve, beside the diagonal of a coin. */
export function rocFigure(roc: ClassificationReport['roc'], auc: number): Figure {
  const curve = {
    data: { values: roc },
    mark: 'line',
    encoding: {
      x: { field: 'falsePositiveRate', title: 'false positive rate', ...unit },
      y: { field: 'truePositiveRate', title: 'true positive rate', ...unit },
    },
  };
  return { $schema: schema, title: `ROC curve, AUC ${auc.toFixed(3)}`, layer: [diagonal, curve] };
}

/** The reliability diagram: on the diagonal, what was predicted is what happened. */
export function calibrationFigure(bins: CalibrationBins, calibrationError: number): Figure {
  const points = {
    data: { values: bins },
    mark: { type: 'line', point: true },
    encoding: {
      x: { field: 'meanProbability', title: 'mean predicted probability', ...unit },
      y: { field: 'positiveShare', title: 'share of positives', ...unit },
      tooltip: [{ field: 'count' }],
    },
  };
  return { $schema: schema, title: `Calibration, error ${calibrationError.toFixed(3)}`, layer: [diagonal, points] };
}
