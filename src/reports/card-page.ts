/** A model card as an HTML page. @module */
import type { CardFact, CardPart, ModelCard } from './model-card.js';
import { html, type Html, page } from './page.js';

/** The whole card. What is generated stands between marks: see keep-own.ts. */
export function cardPage({ title, parts }: ModelCard): string {
  return page(
    title,
    html`${marked('title', html`<h1>${title}</h1>`)}${parts.map(
      (part) =>
        html`<h2>${part.heading}</h2>
          ${marked(part.section, partHtml(part))}`,
    )}`,
  );
}

function marked(name: string, inner: Html): Html {
  return { html: `\n<!-- trainyard:begin ${name} -->\n${inner.html}\n<!-- trainyard:end ${name} -->\n` };
}

function partHtml({ facts, own }: CardPart): Html {
  if (facts.length === 0 && own === undefined) return html`<p class="dim">Nobody has written this yet.</p>`;
  const said = own === undefined ? undefined : { html: `<div class="own">${html`${own.trim()}`.html}</div>` };
  return html`${facts.map(factHtml)}${said}`;
}

function factHtml(fact: CardFact): Html {
  const body =
    fact.kind === 'list'
      ? html`<tbody>
          ${fact.items.map(
            ([name, value]) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${value}</td>
              </tr>`,
          )}
        </tbody>`
      : html`<thead>
            <tr>
              ${fact.header.map((cell) => html`<th scope="col">${cell}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${fact.rows.map(
              (row) =>
                html`<tr>
                  ${row.map((cell) => html`<td>${cell}</td>`)}
                </tr>`,
            )}
          </tbody>`;
  return html`<div class="scroll">
    <table>
      ${body}
    </table>
  </div>`;
}
