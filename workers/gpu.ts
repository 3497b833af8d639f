/** Serves the pool `gpu`: one attempt for each CUDA device of this machine. @module */
import { serve } from './serve.js';

await serve('gpu');
