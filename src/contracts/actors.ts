/** Who changed or decided something, and how far that is known. @module */
import { z } from 'zod';

/** Somebody as the record names him. `verified`: a credential was checked; `claimed`: a name was given, and nobody asked for proof. */
export const Actor = z.object({
  name: z.string().min(1).max(200),
  standing: z.enum(['claimed', 'verified']),
  /** What was checked: `oidc https://login.example.com`, `mtls CN=ada,O=Example`. Absent where nothing was. */
  how: z.string().max(300).optional(),
  /** Roles that the project or the credential gives. */
  roles: z.array(z.string().max(100)).max(50).optional(),
});
export type Actor = z.output<typeof Actor>;

/** What whoever asks says about himself. */
export const Claim = z.object({
  name: z.string().min(1).max(200),
  /** A statement of a server of ours that checked the credential; see docs/approvals.md. */
  attestation: z.string().max(4_000).optional(),
});
export type Claim = z.output<typeof Claim>;
