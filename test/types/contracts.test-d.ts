import { definePipeline, defineStage, DatasetRef, ModelRef, type StageInput, type StageOutput } from 'trainyard';
import { implementStage } from 'trainyard/activity';
import { implementPipeline, proxyStages } from 'trainyard/workflow';
import { z } from 'zod';

const Customer = z.object({ id: z.string(), tenureMonths: z.number() });
const Score = z.object({ probability: z.number() });
const io = { input: z.object({}), output: z.object({}) };

export const train = defineStage('train', {
  pool: 'gpu',
  input: z.object({ dataset: DatasetRef.of(Customer), epochs: z.int().default(20) }),
  output: z.object({ model: ModelRef.of({ input: Customer, output: Score }), loss: z.number() }),
  secrets: ['WAREHOUSE_TOKEN'],
});
const report = defineStage('report', { pool: 'cpu', ...io });

// @ts-expect-error an undeclared pool
defineStage('train', { pool: 'tpu', ...io });
// @ts-expect-error an undeclared secret
defineStage('train', { pool: 'cpu', ...io, secrets: ['OTHER_TOKEN'] });
defineStage('train', { pool: 'cpu', ...io, limits: { memory: '4 GiB' } });
// @ts-expect-error powers of 1,000 are no unit of memory here
defineStage('train', { pool: 'cpu', ...io, limits: { memory: '4 GB' } });
// @ts-expect-error bytes in a payload
defineStage('train', { pool: 'cpu', input: z.object({ image: z.instanceof(Uint8Array) }), output: z.object({}) });
// @ts-expect-error a function in a payload
defineStage('train', { pool: 'cpu', input: z.object({ callback: z.custom<() => void>() }), output: z.object({}) });

declare const customers: DatasetRef<{ id: string; tenureMonths: number; plan: string }>;
declare const idsOnly: DatasetRef<{ id: string }>;
declare const model: ModelRef<{ id: string; tenureMonths: number }, { probability: number }>;

export const accepted: StageInput<typeof train> = { dataset: customers };
export const output = (result: StageOutput<typeof train>): number => result.loss;
// @ts-expect-error a column that the dataset lacks
export const lacking: StageInput<typeof train> = { dataset: idsOnly };
// @ts-expect-error a model where a dataset is asked for
export const wrongKind: StageInput<typeof train> = { dataset: model };

const pipeline = definePipeline('churn', {
  input: z.object({}),
  output: z.object({ loss: z.number() }),
  stages: { train, report },
  approvals: ['promotion'],
});
const stages = proxyStages(pipeline.stages);

export const churn = implementPipeline(pipeline).with(async (run) => {
  const { loss } = await stages.train({ dataset: customers });
  await stages.train.with({ pool: 'cpu' })({ dataset: customers, epochs: 3 });
  const decision = await run.approval('promotion', { evidence: { loss }, expiresIn: '3 days' });
  // @ts-expect-error an undeclared approval
  await run.approval('release', { evidence: {}, expiresIn: '3 days' });
  // @ts-expect-error not a duration
  await run.approval('promotion', { evidence: {}, expiresIn: 'soon' });
  // @ts-expect-error an unknown stage
  await stages.deploy({});
  // @ts-expect-error a missing field
  await stages.train({ epochs: 3 });
  // @ts-expect-error an undeclared pool for one call
  stages.train.with({ pool: 'tpu' });
  // @ts-expect-error only a decision that was made has a decider
  void decision.by;
  return { loss };
});

const guarded = definePipeline('guarded', {
  ...pipeline,
  approvals: { promotion: { deciders: 2, roles: ['risk'], notAuthor: true, expiresIn: '21 days' } },
});
// @ts-expect-error an approval that never expires
definePipeline('guarded', { ...pipeline, approvals: { promotion: { deciders: 2 } } });
// @ts-expect-error not a number of people
definePipeline('guarded', { ...pipeline, approvals: { promotion: { deciders: 'two', expiresIn: '1 day' } } });

export const guardedRun = implementPipeline(guarded).with(async (run) => {
  const { verdict, decisions, binding } = await run.approval('promotion', { evidence: { auc: 0.9 } });
  // @ts-expect-error the policy says when it expires
  await run.approval('promotion', { evidence: {}, expiresIn: '3 days' });
  // @ts-expect-error an undeclared approval
  await run.approval('release', { evidence: {} });
  return { loss: verdict === 'expired' ? 0 : decisions.length + binding.length };
});

// @ts-expect-error an output that lacks a field
implementPipeline(pipeline).with(() => Promise.resolve({}));

implementStage(report).with(() => Promise.resolve({}));
implementStage(train).inChild(new URL('file:///train.js'));
// @ts-expect-error heavy pools run child processes only
implementStage(train).with;
