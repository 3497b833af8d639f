/** Says something far too long, in a child process. @module */
import { defineTrainer } from '../../../src/trainer/define-trainer.js';
import { burstOf } from './burst.js';
import { burst } from './contracts.js';

export default defineTrainer(burst, burstOf);
