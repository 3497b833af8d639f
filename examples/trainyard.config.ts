/** The examples are one project. @module */
import { defineProject } from 'trainyard';

export const project = defineProject({
  name: 'examples',
  pools: { cpu: {}, gpu: { device: 'cuda' } },
  store: 'file:.trainyard/artifacts',
});

declare module 'trainyard' {
  interface Register {
    project: typeof project;
  }
}
