/** `npm run example:03`: trains, shows a person how good the model is, and deploys it or not. @module */
import { userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { exitCodeOf, runExample } from '../run-example.js';
import { type Answer, ask } from './ask.js';
import { penguins } from './contracts.js';

const usage = `Usage: npm run example:03 [-- --approve REASON | --reject REASON] [-- --keep] [-- --json]

Trains a model of penguins' sex, shows how good it is, and asks whether to deploy it.
Exit code 0: deployed; 3: rejected.

  --approve REASON  say yes without being asked
  --reject REASON   say no without being asked
  --keep            leave engine, workers and model server up until Ctrl-C
  --json            one JSON object a line on stdout; the last one has "type": "result"
`;

const Reason = z.string().trim().min(1, 'say why');
const settings = z
  .object({ approve: Reason.optional(), reject: Reason.optional() })
  .refine(({ approve, reject }) => approve === undefined || reject === undefined, '--approve or --reject, not both')
  .refine(
    ({ approve, reject }) => (approve ?? reject) !== undefined || process.stdin.isTTY,
    'there is no terminal to ask on: decide with --approve or --reject',
  );

const Evidence = z.object({
  auc: z.number(),
  baselineAuc: z.number(),
  accuracy: z.number(),
  testRows: z.number(),
  model: z.object({ sha256: z.string() }),
});

// dist/examples/03-approval → examples/03-approval/data
const table = fileURLToPath(new URL('../../../examples/03-approval/data/penguins.csv', import.meta.url));

await runExample(
  {
    pools: ['pipelines', 'cpu', 'gpu'],
    serve: true,
    usage,
    flags: { approve: { type: 'string' }, reject: { type: 'string' } },
    settings,
  },
  async ({ pipelines, watch, say, signal }, flags) => {
    const run = await pipelines.start(penguins, { input: { table } });
    let end = await watch(run, { until: ({ approvals }) => approvals.length > 0 });
    const [question] = (await run.status()).approvals;
    if (question) {
      const { auc, baselineAuc, accuracy, testRows, model } = Evidence.parse(question.evidence);
      say(`\nAUC        ${auc.toFixed(3)} on ${testRows} penguins that it was not trained on`);
      say(`baseline   ${baselineAuc.toFixed(3)} (share of males by species)`);
      say(`accuracy   ${accuracy.toFixed(3)}`);
      say(`model      sha256 ${model.sha256}`);
      const answer = decided(flags) ?? (await ask('Deploy this model?', signal));
      if (answer) await run.decideOn(question, answer.verdict, { by: userInfo().username, reason: answer.reason });
      end = await watch(run);
    }
    if (end.state !== 'completed') {
      say(`${end.state}: ${'failure' in end ? end.failure : ''}`);
      return { result: { outcome: end.state, workflowId: run.workflowId }, exitCode: exitCodeOf(end) };
    }
    const output = penguins.output.parse(end.output);
    say(`\noutcome    ${output.outcome} by ${output.by ?? 'nobody'}: ${output.reason}`);
    if (output.outcome === 'deployed') say(`endpoint   ${output.endpoint}`);
    return { result: { workflowId: run.workflowId, ...output }, exitCode: exitCodeOf(end) };
  },
);

function decided({ approve, reject }: z.output<typeof settings>): Answer | undefined {
  if (approve !== undefined) return { verdict: 'approved', reason: approve };
  return reject === undefined ? undefined : { verdict: 'rejected', reason: reject };
}
