/** A registered project, so that these files see what a user's compiler sees. @module */
import { defineProject, fromEnv } from 'trainyard';

export const project = defineProject({
  name: 'churn',
  pools: { cpu: {}, gpu: { device: 'cuda' } },
  secrets: { WAREHOUSE_TOKEN: fromEnv() },
});

declare module 'trainyard' {
  interface Register {
    project: typeof project;
  }
}
