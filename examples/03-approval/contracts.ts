/** Is this penguin male? What each stage takes and gives, and what a person is asked. @module */
import { definePipeline } from 'trainyard';
import { deployStage, evaluateStage, ingestStage, trainTabularStage, validateStage } from 'trainyard/stages';
import { z } from 'zod';

/** A penguin of the Palmer Archipelago; lengths in millimetres, mass in grams. */
export const Penguin = z.object({
  /** Its row in the table: says nothing about it, but decides which split it is in. */
  id: z.int().positive(),
  species: z.enum(['Adelie', 'Chinstrap', 'Gentoo']),
  island: z.enum(['Biscoe', 'Dream', 'Torgersen']),
  beakLength: z.number().positive(),
  beakDepth: z.number().positive(),
  flipperLength: z.number().positive(),
  bodyMass: z.number().positive(),
  male: z.boolean(),
});

/** What the model answers. */
export const Score = z.object({ probability: z.number() });

// Names of stages are unique within a project, and the other examples have an `ingest` of their own.
export const ingestPenguins = ingestStage({ row: Penguin, name: 'ingestPenguins' });
export const validatePenguins = validateStage({
  row: Penguin,
  name: 'validatePenguins',
  expectations: [
    { expect: 'rowCount', min: 300 },
    { expect: 'between', column: 'bodyMass', min: 2_000, max: 7_000 },
    { expect: 'classBalance', column: 'male', min: 0.4 },
  ],
});
export const trainPenguins = trainTabularStage({ row: Penguin, target: 'male', name: 'trainPenguins' });
export const evaluatePenguins = evaluateStage({ row: Penguin, target: 'male', name: 'evaluatePenguins' });
export const deployPenguins = deployStage({ input: Penguin, output: Score, name: 'deployPenguins' });

const Decided = z.object({
  auc: z.number(),
  baselineAuc: z.number(),
  modelSha256: z.string(),
  /** Who decided; nobody where the question expired. */
  by: z.string().optional(),
  reason: z.string(),
});

export const penguins = definePipeline('penguins', {
  description: "Trains a model of penguins' sex, and deploys it if a person says so",
  input: z.object({
    table: z.string().describe('CSV file of penguins'),
    endpoint: z.string().default('penguins'),
  }),
  output: z.discriminatedUnion('outcome', [
    Decided.extend({ outcome: z.literal('deployed'), endpoint: z.string() }),
    Decided.extend({ outcome: z.literal('rejected') }),
  ]),
  stages: {
    ingest: ingestPenguins,
    validate: validatePenguins,
    train: trainPenguins,
    evaluate: evaluatePenguins,
    deploy: deployPenguins,
  },
  approvals: ['promotion'],
});
