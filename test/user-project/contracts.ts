/** Which penguin is it? What each stage takes and gives. @module */
import { DatasetRef, definePipeline, defineStage, Ref } from 'trainyard';
import { ingestStage } from 'trainyard/stages';
import { z } from 'zod';

export const Penguin = z.object({
  id: z.int(),
  species: z.enum(['Adelie', 'Chinstrap', 'Gentoo']),
  beakLength: z.number(),
  beakDepth: z.number(),
  flipperLength: z.number(),
  bodyMass: z.number(),
});

/** Logits and true classes of penguins that the network was not trained on. */
export const Scores = z.object({ logits: z.array(z.array(z.number())), labels: z.array(z.int()) });

export const ingest = ingestStage({ row: Penguin });

export const train = defineStage('train', {
  pool: 'gpu',
  description: 'Trains a small network, in a loop of its own',
  input: z.object({ dataset: DatasetRef.of(Penguin), epochs: z.int().positive().default(30) }),
  output: z.object({ network: Ref, scores: Ref, loss: z.number() }),
  checkpoint: z.object({ epoch: z.int(), step: z.int(), loss: z.number() }),
});

export const calibrate = defineStage('calibrate', {
  pool: 'cpu',
  description: 'Fits the temperature that makes the network as sure as it may be, in Python',
  input: z.object({ scores: Ref, steps: z.int().positive().default(40) }),
  output: z.object({ temperature: z.number().positive(), logLoss: z.number(), accuracy: z.number() }),
  checkpoint: z.object({ step: z.int(), logTemperature: z.number() }),
});

export const penguins = definePipeline('penguins', {
  description: 'Tells three kinds of penguins apart by their measures',
  input: z.object({
    source: z.string().describe('CSV file of measured penguins'),
    minAccuracy: z.number().default(0.9).describe('share of penguins that must be told right'),
  }),
  output: z.discriminatedUnion('outcome', [
    z.object({ outcome: z.literal('accepted'), network: Ref, accuracy: z.number(), temperature: z.number() }),
    z.object({ outcome: z.literal('rejected'), reason: z.string() }),
  ]),
  stages: { ingest, train, calibrate },
});
