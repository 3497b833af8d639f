/** Who asks for a change or makes a decision, as far as it can be known. @module */
import type { Actor, Claim } from '../contracts/actors.js';

/** A name that nobody vouches for is a claim, and the record says so. */
export function identify({ name }: Claim): Promise<Actor> {
  return Promise.resolve({ name, standing: 'claimed' });
}
