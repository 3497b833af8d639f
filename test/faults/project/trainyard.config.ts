/** The project of the fault suite; temporary folders re-export it. @module */
import { fileURLToPath } from 'node:url';
import { defineProject } from '../../../src/contracts/define-project.js';

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Pools whose only worker a trial may kill, stop or cut off, while others have theirs. */
const own = Object.fromEntries(['own0', 'own1', 'own2', 'own3'].map((pool) => [pool, {}]));

/** Where alerts go, for a worker that is told so. */
const alerts = process.env['TRAINYARD_FAULTS_ALERTS'];

export const project = defineProject({
  name: 'faults',
  pools: { cpu: {}, ...own },
  store: process.env['TRAINYARD_FAULTS_STORE'] ?? 'file:.trainyard/artifacts',
  alerts: alerts === undefined ? [] : [{ kind: 'webhook', url: alerts }],
  modules: {
    contracts: beside('./contracts.js'),
    activities: beside('./activities.js'),
    workflows: beside('./workflows.js'),
  },
});
