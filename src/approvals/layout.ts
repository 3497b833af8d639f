/** The frame around every page: title, who is looking, and what the page knows of him. @module */
import type { Bearer } from './oidc.js';
import { html, type Html } from '../reports/page.js';

/** What every page shows. */
export interface Frame {
  readonly project: string;
  readonly visitor: Bearer | undefined;
  /** Nobody is asked for proof. */
  readonly claimsOnly: boolean;
  /** Token of the form that signs out; absent where there is nothing to sign out of. */
  readonly signOut?: string | undefined;
}

/** A whole document. */
export function page({ project, visitor, claimsOnly, signOut }: Frame, title: string, content: Html): string {
  const document = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${title} · ${project}</title>
      <link rel="stylesheet" href="/style.css" />
    </head>
    <body>
      <header>
        <a class="home" href="/">${project} <span>approvals</span></a>
        ${visitor ? identity(visitor, signOut) : ''}
      </header>
      <main>
        ${
          claimsOnly
            ? html`<p class="warn">
                No identity provider is configured: names are <b>claimed</b>, nobody is asked for proof, and the record
                says so.
              </p>`
            : ''
        }
        ${content}
      </main>
    </body>
  </html>`;
  return `<!doctype html>\n${document.html}\n`;
}

function identity({ name, how }: Bearer, signOut: string | undefined): Html {
  return html`<div class="identity">
    <span><b>${name}</b> <span class="badge verified">verified</span> <span class="quiet">${how}</span></span>
    ${signOut === undefined ? '' : html`<form method="post" action="/sign-out"><input type="hidden" name="form" value="${signOut}" /><button class="plain">Sign out</button></form>`}
  </div>`;
}
