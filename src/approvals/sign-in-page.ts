/** Where people say who they are, and pages for what went wrong. @module */
import { html, type Html } from '../reports/page.js';

/** Takes a token of the identity provider. */
export function signInPage(issuer: string, token: string, problem?: string): Html {
  return html`<h1>Sign in</h1>
    <p>
      Approvals are for people of <span class="mono">${issuer}</span>. Paste a token of it that is meant for this page.
    </p>
    ${problem === undefined ? '' : html`<p class="warn" role="alert">${problem}</p>`}
    <form method="post" action="/sign-in" class="decide">
      <input type="hidden" name="form" value="${token}" />
      <label
        >Token <textarea name="token" required rows="5" class="mono" autocomplete="off" spellcheck="false"></textarea>
      </label>
      <div class="buttons"><button class="approve">Sign in</button></div>
    </form>
    <p class="quiet">
      A proxy that sends <span class="mono">Authorization: Bearer …</span> makes this page needless. The token stays in
      this server's memory until it expires.
    </p>`;
}

/** What cannot be shown, and why. */
export function problemPage(title: string, what: string): Html {
  return html`<p class="trail"><a href="/">All approvals</a></p>
    <h1>${title}</h1>
    <p>${what}</p>`;
}
