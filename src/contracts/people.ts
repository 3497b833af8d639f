/** What a project says of the people who decide: their roles, whose word on them counts, how they are reached. @module */
import { TrainyardError } from './errors.js';

/** A person, by name. */
export interface PersonOptions {
  /** Policies of approvals ask for them. */
  readonly roles: readonly string[];
}

/** An OpenID Connect provider whose tokens are believed. */
export interface OidcOptions {
  /** As its tokens name it: `https://login.example.com`. Where its keys are is asked there. */
  readonly issuer: string;
  /** Tokens for others are refused. */
  readonly audience: string;
  /** Claim that names a person in decisions and in `people`. @default 'sub', which never changes */
  readonly nameClaim?: string;
  /** Claim with a person's roles: a list, or words with spaces between them. @default 'roles' */
  readonly rolesClaim?: string;
}

/** Where a message is posted to, as JSON. */
export interface WebhookOptions {
  /** An address, or the project's secret that holds it: `{ secret: 'RISK_WEBHOOK' }`. */
  readonly url: string | { readonly secret: string };
  /** Name of the project's secret with which each message is signed, as Standard Webhooks 1.0 says. @default not signed */
  readonly secret?: string;
}

/** Throws TY2501 for a webhook that names a secret which the project does not declare. */
export function assertWebhooks(
  webhooks: Readonly<Record<string, WebhookOptions>>,
  secrets: Readonly<Record<string, unknown>>,
): void {
  for (const [webhook, { url, secret }] of Object.entries(webhooks))
    for (const name of [typeof url === 'string' ? undefined : url.secret, secret])
      if (name !== undefined && !Object.hasOwn(secrets, name))
        throw new TrainyardError('TY2501', `webhooks.${webhook} names the secret ${name}, which is not declared`);
}

/** Throws TY2209 for an issuer that is not reached by https, or on this machine. */
export function assertOidc({ issuer, audience }: OidcOptions): void {
  // The sandbox's URL has no `protocol` and `hostname` in its types.
  if (!/^https:\/\/[^/]|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$)/.test(issuer))
    throw new TrainyardError('TY2209', `the issuer ${issuer} is not reached by https`);
  if (audience === '') throw new TrainyardError('TY2209', `no audience is named for tokens of ${issuer}`);
}
