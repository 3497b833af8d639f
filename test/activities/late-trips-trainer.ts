/** What a project writes to train on a table: the child's module. @module */
import { tabularTrainer } from '../../activities/train-tabular.js';
import { trainTrips } from './late-trips.js';

export default tabularTrainer(trainTrips);
