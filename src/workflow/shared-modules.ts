/** Loaded once for each worker instead of once for each run: by far the largest part of a bundle, and without state of a run. @module */
import { z } from 'zod';

export { sha256 } from '@noble/hashes/sha2.js';
export { bytesToHex } from '@noble/hashes/utils.js';

// Zod completes its configuration with the first schemas; later it cannot, because what runs share is frozen.
z.object({ sample: z.string() }).safeParse({});
