/** Evaluations as tables: the model against the champion and the baseline, slice by slice, and how well its probabilities are calibrated. @module */
import type { EvaluationReport, Figure } from './evidence.js';
import { differenceOf, figure, labelOf } from './figures.js';
import { html, type Html } from '../reports/page.js';

type Metrics = EvaluationReport['metrics'];

/** The metrics that are compared, the most telling first. */
const comparedMetrics = {
  classification: ['auc', 'logLoss', 'accuracy', 'prAuc', 'brier', 'calibrationError', 'precision', 'recall', 'f1'],
  regression: ['rmse', 'mae', 'r2', 'bias'],
} as const;

/** And of each slice. */
const slicedMetrics = { classification: ['auc', 'logLoss', 'accuracy'], regression: ['rmse', 'mae', 'bias'] } as const;

/** Figures that the evidence names itself. */
export function figuresTable(figures: readonly Figure[]): Html | undefined {
  if (figures.length === 0) return undefined;
  const hasChampion = figures.some(({ champion }) => champion !== undefined);
  const hasBaseline = figures.some(({ baseline }) => baseline !== undefined);
  return comparison(
    figures.map(({ name, value, champion, baseline }) => [name, value, champion, baseline]),
    { hasChampion, hasBaseline },
  );
}

/** The report's metrics against those of the champion, where there is one, and of the baseline. */
export function metricsTable(report: EvaluationReport, champion: EvaluationReport | undefined): Html {
  const rival = champion?.task === report.task ? champion : undefined;
  const rows = comparedMetrics[report.task].map(
    (name) =>
      [
        name,
        valueOf(report.metrics, name),
        rival && valueOf(rival.metrics, name),
        valueOf(report.baseline.metrics, name),
      ] as const,
  );
  const about = `${figure(report.metrics.rows)} rows of the split “${report.split}”, target “${report.target}”`;
  return html`<p class="quiet">${about}${report.task === 'classification' ? `, threshold ${report.threshold}` : ''}</p>
    ${rival && !isSameData(report, rival) ? html`<p class="warn">The champion was evaluated on other data: its numbers do not compare one to one.</p>` : ''}
    ${comparison(rows, { hasChampion: rival !== undefined, hasBaseline: true })}`;
}

/** Slices, each against the champion's of the same name. */
export function slicesTable(report: EvaluationReport, champion: EvaluationReport | undefined): Html | undefined {
  if (report.slices.length === 0) return undefined;
  const names = slicedMetrics[report.task];
  const rival = champion?.task === report.task ? champion : undefined;
  const rivals = new Map<string, Metrics>(rival?.slices.map((slice) => [`${slice.column}\n${slice.value}`, slice]));
  const leftOut =
    report.slicesLeftOut > 0
      ? html`<p class="quiet">${report.slicesLeftOut} small slices are left out.</p>`
      : undefined;
  return html`<div class="wide">
      <table>
        <thead>
          <tr>
            <th>slice</th>
            <th class="number">rows</th>
            ${names.map(
              (name) =>
                html`<th class="number">${labelOf(name)}</th>
                  ${rival ? html`<th class="number">difference</th>` : ''}`,
            )}
          </tr>
        </thead>
        <tbody>
          ${report.slices.map((slice) => {
            const other = rivals.get(`${slice.column}\n${slice.value}`);
            return html`<tr>
              <th scope="row">${slice.column} = ${slice.value}</th>
              <td class="number">${figure(slice.rows)}</td>
              ${names.map((name) => {
                const value = valueOf(slice, name);
                return html`<td class="number">${figure(value)}</td>
                  ${rival ? differenceCell(name, value, other && valueOf(other, name)) : ''}`;
              })}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    ${leftOut}`;
}

/** A reliability diagram: on the diagonal, what is called 70 % happens in 70 % of cases. */
export function calibrationPlot(report: EvaluationReport): Html | undefined {
  if (report.task !== 'classification' || report.calibration.length === 0) return undefined;
  const size = 220;
  const x = (share: number) => (30 + share * (size - 40)).toFixed(1);
  const y = (share: number) => (size - 30 - share * (size - 40)).toFixed(1);
  const most = Math.max(...report.calibration.map(({ count }) => count));
  return html`<figure>
    <svg
      viewBox="0 0 ${size} ${size}"
      role="img"
      aria-label="Calibration: predicted probability against observed share"
    >
      <path class="axis" d="M${x(0)} ${y(1)}V${y(0)}H${x(1)}" />
      <path class="diagonal" d="M${x(0)} ${y(0)}L${x(1)} ${y(1)}" />
      ${report.calibration.map(
        ({ meanProbability, positiveShare, count }) =>
          html`<circle
            class="point"
            cx="${x(meanProbability)}"
            cy="${y(positiveShare)}"
            r="${(2 + 4 * Math.sqrt(count / most)).toFixed(1)}"
            ><title>
              ${count} rows: predicted ${figure(meanProbability)}, observed ${figure(positiveShare)}
            </title></circle
          >`,
      )}
      ${[0, 0.5, 1].map((share) => html`<text x="${x(share)}" y="${size - 14}" text-anchor="middle">${share}</text><text x="24" y="${y(share)}" dy="3" text-anchor="end">${share}</text>`)}
      <text x="${size / 2 + 10}" y="${size - 2}" text-anchor="middle">predicted</text>
    </svg>
    <figcaption>Calibration: predicted probability against the share that was positive</figcaption>
  </figure>`;
}

type Row = readonly [
  name: string,
  value: number | null | undefined,
  champion: number | null | undefined,
  baseline: number | null | undefined,
];

function comparison(
  rows: readonly Row[],
  { hasChampion, hasBaseline }: { readonly hasChampion: boolean; readonly hasBaseline: boolean },
): Html {
  const when = (holds: boolean, content: Html) => (holds ? content : undefined);
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th></th>
          <th class="number">this model</th>
          ${when(
            hasChampion,
            html`<th class="number">champion</th>
              <th class="number">difference</th>`,
          )}
          ${when(hasBaseline, html`<th class="number">baseline</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, value, champion, baseline]) =>
            html`<tr>
              <th scope="row">${labelOf(name)}</th>
              <td class="number strong">${figure(value)}</td>
              ${when(
                hasChampion,
                html`<td class="number">${figure(champion)}</td>
                  ${differenceCell(name, value, champion)}`,
              )}
              ${when(hasBaseline, html`<td class="number quiet">${figure(baseline)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Better or worse in words for whoever sees no colours. */
function differenceCell(name: string, value: number | null | undefined, other: number | null | undefined): Html {
  const difference = differenceOf(name, value, other);
  if (difference === undefined) return html`<td class="number quiet">–</td>`;
  const { text, good } = difference;
  if (good === undefined) return html`<td class="number">${text}</td>`;
  return html`<td class="number ${good ? 'better' : 'worse'}">
    ${text} <span class="word">${good ? 'better' : 'worse'}</span>
  </td>`;
}

function valueOf(metrics: Metrics, name: string): number | null | undefined {
  const value: unknown = Reflect.get(metrics, name);
  return typeof value === 'number' || value === null ? value : undefined;
}

function isSameData(one: EvaluationReport, other: EvaluationReport): boolean {
  return one.dataset === other.dataset && one.split === other.split;
}
