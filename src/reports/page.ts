/** A self-contained HTML page: no script, nothing fetched, light and dark. @module */

/** HTML that is safe to put into a page. */
export interface Html {
  readonly html: string;
}

/** Builds HTML; whatever is put into it is escaped, unless it is HTML already. */
export function html(
  words: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[] | undefined)[]
): Html {
  return { html: words.map((word, at) => word + (at < values.length ? render(values[at]) : '')).join('') };
}

function render(value: string | number | Html | readonly Html[] | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'number') return String(value);
  return 'html' in value ? value.html : value.map((one) => one.html).join('');
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The page as text. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${{ html: style }}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html> `.html;
}

const style = `
:root { color-scheme: light dark; --line: #d8dee4; --soft: #f3f5f7; --text: #1c2128; --dim: #5c6570; --good: #1a7f4b; --accent: #0b62c4; }
@media (prefers-color-scheme: dark) { :root { --line: #343b44; --soft: #1d2229; --text: #e4e8ec; --dim: #98a2ad; --good: #4cc38a; --accent: #6cb2ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: Canvas; color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0 .75rem; }
.dim { color: var(--dim); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { border-bottom: 2px solid var(--line); white-space: nowrap; }
tbody th { font-weight: 400; color: var(--dim); width: 14rem; }
tr.group th { padding-top: 1.25rem; color: var(--text); font-weight: 600; }
td.best { color: var(--good); font-weight: 600; }
td .delta { color: var(--dim); font-weight: 400; font-size: .85em; margin-left: .5em; white-space: nowrap; }
.pill { display: inline-block; margin-left: .4em; padding: 0 .55em; border-radius: 1em; background: var(--soft); border: 1px solid var(--line); color: var(--accent); font-size: .8em; font-weight: 500; }
.own { white-space: pre-wrap; }
code { font: .9em ui-monospace, monospace; }
`;
