/** The trainer: a process of its own on the pool `gpu`. @module */
import { tabularTrainer } from 'trainyard/activities';
import { train } from './contracts.js';

export default tabularTrainer(train);
