/** Loaded once for each worker instead of once for each run: by far the largest part of a bundle, and without state of a run. @module */
import { atob } from 'js-base64';
import { z } from 'zod';

export { sha256 } from '@noble/hashes/sha2.js';
export { bytesToHex } from '@noble/hashes/utils.js';

// Zod checks base64 and JWTs with it and calls every one of them wrong where it is missing, as in the workflow sandbox.
Object.assign(globalThis, { atob });

// The worker freezes what runs share, to the last object, unless a frozen one ends its way. Zod rewinds its patterns
// before each use (`lastIndex`), and a frozen pattern would throw: freezing their module keeps its values as they are.
Object.freeze(z.regexes);

// Zod completes its configuration with the first schemas; later it cannot.
z.object({ sample: z.string() }).safeParse({});
