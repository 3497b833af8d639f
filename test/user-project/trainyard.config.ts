/** The project: its pools and where its artifacts lie. @module */
import { defineProject } from 'trainyard';

export const project = defineProject({
  name: 'penguins',
  pools: { cpu: {}, gpu: { device: 'cuda' } },
});

declare module 'trainyard' {
  interface Register {
    project: typeof project;
  }
}
