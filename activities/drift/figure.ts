/** The figure of a drift report as a Vega-Lite specification. @module */
import type { ColumnDrift } from '../../src/stages/drift-report.js';

/** The population stability index of each column, against its threshold. */
export function driftFigure(columns: readonly ColumnDrift[], threshold: number): Readonly<Record<string, unknown>> {
  const values = columns.map(({ column, psi, missing, drifted }) => ({ column, psi, missing: missing.psi, drifted }));
  const bars = {
    data: { values },
    mark: 'bar',
    encoding: {
      y: { field: 'column', type: 'nominal', sort: '-x', title: null },
      x: { field: 'psi', type: 'quantitative', title: 'population stability index' },
      color: { field: 'drifted', type: 'nominal' },
      tooltip: [{ field: 'missing', title: 'index of missing values' }],
    },
  };
  const rule = {
    data: { values: [{ threshold }] },
    mark: 'rule',
    encoding: { x: { field: 'threshold', type: 'quantitative' } },
  };
  return { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', title: 'Drift by column', layer: [bars, rule] };
}
