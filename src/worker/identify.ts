/** Who asks for a change or makes a decision, as far as it can be known. @module */
import type { Actor, Claim } from '../contracts/actors.js';
import { isSamePerson } from '../contracts/decision-rules.js';
import type { Project } from '../contracts/define-project.js';
import { TrainyardError } from '../contracts/errors.js';
import { readAttestation } from '../records/attestations.js';
import type { TrustedKeys } from '../records/signing.js';

/** Looks into a claim; `about` is what an attestation has to be made for: the binding of an approval, the id of a request. */
export type Identify = (claim: Claim, about: string) => Promise<Actor>;

/**
 * A name that nobody vouches for is a claim, and the record says so. Roles are those of the credential and those that the project gives to the
 * name. What it gives throws TY2210 for an attestation that is not to be believed, or is somebody else's.
 */
export function identifier(trusted: TrustedKeys, { people = {} }: Pick<Project, 'people'>): Identify {
  return async ({ name, attestation }, about) => {
    const actor: Actor =
      attestation === undefined ? { name, standing: 'claimed' } : await readAttestation(attestation, about, trusted);
    if (!isSamePerson(actor.name, name))
      throw new TrainyardError('TY2210', `the attestation is one of ${actor.name}, not of ${name}`);
    const given = Object.hasOwn(people, actor.name) ? people[actor.name]?.roles : undefined;
    const roles = [...new Set([...(actor.roles ?? []), ...(given ?? [])])];
    return { ...actor, ...(roles.length > 0 && { roles }) };
  };
}
