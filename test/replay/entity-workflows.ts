/** The pipelines that the recorded entities run. @module */
export { tried, watched } from '../entities/loop-workflows.js';
export { sliced } from '../schedules/workflows.js';
