/** The trainer: a process of its own on the pool `gpu`. @module */
import { tabularTrainer } from 'trainyard/activities';
import { trainPenguins } from './contracts.js';

export default tabularTrainer(trainPenguins);
