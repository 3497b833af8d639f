/** The version of the package that this server is a part of. @module */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

/** As in package.json. */
export const serverVersion = z.object({ version: z.string() }).parse(manifest).version;
