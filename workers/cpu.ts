/** Serves the pool `cpu`: as many attempts at once as memory and processor allow. @module */
import { serve } from './serve.js';

await serve('cpu');
