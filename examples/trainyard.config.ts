/** The examples are one project. @module */
import { defineProject } from 'trainyard';

export const project = defineProject({
  name: 'examples',
  pools: { cpu: {}, gpu: { device: 'cuda' } },
  store: 'file:.trainyard/artifacts',
  // `npm start -- --store s3`: the address and the keys come from the environment.
  environments: { s3: { store: 's3://trainyard-examples/artifacts' } },
});

declare module 'trainyard' {
  interface Register {
    project: typeof project;
  }
}
