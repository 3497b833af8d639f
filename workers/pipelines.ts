/** Runs the project's pipelines. The server is what Temporal's environment variables or profile name. @module */
import { serve } from './serve.js';

await serve('pipelines');
