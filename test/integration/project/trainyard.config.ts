/** The small project; temporary folders re-export it. Its modules are named by their place, wherever the folder is. @module */
import { fileURLToPath } from 'node:url';
import { defineProject } from '../../../src/contracts/define-project.js';

// An issuer of a test has a port of its own.
const issuer = process.env['TEST_ISSUER'];
const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export const project = defineProject({
  name: 'small',
  pools: {
    cpu: {},
    gpu: { device: 'cuda' },
    lonely: {},
    single: { slots: 1 },
    tight: { slots: 1, yieldAfter: '500 ms' },
  },
  people: { ada: { roles: ['risk'] }, bob: { roles: ['risk'] } },
  ...(issuer !== undefined && { identity: { issuer, audience: 'trainyard', nameClaim: 'preferred_username' } }),
  environments: { other: { namespace: 'other' }, s3: { store: 's3://tests/small' } },
  modules: {
    contracts: beside('./contracts.js'),
    activities: beside('./activities.js'),
    workflows: beside('./workflows.js'),
  },
});
