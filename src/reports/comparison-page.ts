/** A comparison of versions as an HTML page. @module */
import { bestOf, type ComparedGroup, type ComparedRow, type Comparison } from './compare-versions.js';
import { html, type Html, page } from './page.js';
import { figure } from './words.js';

/** The page as text: the best figure of a row stands out, and each number says how far it is from the first version's. */
export function comparisonPage({ model, versions, groups }: Comparison): string {
  const title = `${model}: versions ${versions.map(({ version }) => version).join(', ')}`;
  const heads = versions.map(
    ({ version, aliases, archived }) =>
      html`<th scope="col">
        version
        ${version}${[...aliases, ...(archived ? ['archived'] : [])].map((word) => html`<span class="pill">${word}</span>`)}
      </th>`,
  );
  return page(
    title,
    html`<h1>${model}</h1>
      <p class="dim">
        Versions side by side. Differences are to version ${versions[0]?.version}; the better figure of a row is marked
        where it is known which that is.
      </p>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <td></td>
              ${heads}
            </tr>
          </thead>
          <tbody>
            ${groups.map((group) => groupRows(group, versions.length))}
          </tbody>
        </table>
      </div>`,
  );
}

function groupRows({ title, rows }: ComparedGroup, columns: number): Html {
  return html`<tr class="group">
      <th scope="rowgroup" colspan="${columns + 1}">${title}</th>
    </tr>
    ${rows.map(
      (row) =>
        html`<tr>
          <th scope="row">${row.name}</th>
          ${row.values.map((value, at) => cell(row, value, at))}
        </tr> `,
    )}`;
}

function cell(row: ComparedRow, value: ComparedRow['values'][number], at: number): Html {
  const [first] = row.values;
  const delta = at > 0 && typeof value === 'number' && typeof first === 'number' ? value - first : 0;
  const sign = delta > 0 ? '+' : '−';
  const shown = delta === 0 ? undefined : html`<span class="delta">${sign}${figure(Math.abs(delta))}</span>`;
  const marked = value !== null && value === bestOf(row) ? { html: ' class="best"' } : undefined;
  return html`<td${marked}>${figure(value)}${shown}</td>`;
}
