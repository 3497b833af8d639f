/** What must not compile: the registered project and the row schema are known through the installed package. @module */
import { DatasetRef, defineStage } from 'trainyard';
import { implementStage } from 'trainyard/activity';
import { proxyStages } from 'trainyard/workflow';
import { z } from 'zod';
import * as contracts from './contracts.js';

const empty = z.object({});

// @ts-expect-error the project declares no pool "tpu"
defineStage('onTpu', { pool: 'tpu', input: empty, output: empty });

// @ts-expect-error the project declares no secrets
defineStage('withSecret', { pool: 'cpu', input: empty, output: empty, secrets: ['TOKEN'] });

// @ts-expect-error a pool with a device runs child processes only
implementStage(contracts.train).with;

const Fish = z.object({ length: z.number() });
const fry = defineStage('fry', { pool: 'cpu', input: z.object({ fish: DatasetRef.of(Fish) }), output: empty });

/** Never called. */
export async function refused(): Promise<void> {
  const stages = proxyStages({ ...contracts.penguins.stages, fry });
  const { dataset } = await stages.ingest({ sources: { measured: { path: 'penguins.csv' } } });
  // @ts-expect-error penguins have no column "length"
  await stages.fry({ fish: dataset });
}
