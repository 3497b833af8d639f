/** A page of a test, beside a pipelines worker that trusts it. @module */
import pino from 'pino';
import { type ApprovalsPage, type ApprovalsPageOptions, startApprovalsPage } from '../../src/approvals/page-server.js';
import { putJson } from '../../src/artifacts/json.js';
import type { ArtifactStore } from '../../src/artifacts/store.js';
import type { PipelineClient } from '../../src/client/pipeline-client.js';
import type { Run } from '../../src/client/run.js';
import type { OpenApproval } from '../../src/contracts/approvals.js';
import { testEngine } from '../support/engine.js';
import { withPipelines } from '../support/pipelines.js';
import { testSigner } from '../support/pipelines-worker.js';
import { until } from '../support/until.js';
import type * as contracts from '../workflow/fixtures/contracts.js';
import { reportOf } from './reports.js';

const workflows = new URL('../workflow/fixtures/workflows.js', import.meta.url);
const people = { ada: { roles: ['risk'] }, bob: { roles: ['risk'] } };

/** What a test of the page works with. */
export interface PageTest {
  readonly page: ApprovalsPage;
  readonly pipelines: PipelineClient;
  readonly store: ArtifactStore;
  /** Starts a run that shows an evaluation against the champion's, and waits until it asks. */
  readonly ask: (contract: typeof contracts.guarded | typeof contracts.vouched) => Promise<Asking>;
}

/** A run that asks, and where the page shows it. */
export interface Asking {
  readonly run: Run<{ verdict: string; by: string[]; binding: string }>;
  readonly question: OpenApproval;
  readonly url: string;
}

/** A worker, a store and the page while `work` runs. */
export async function withApprovalsPage(
  options: Pick<Partial<ApprovalsPageOptions>, 'tls' | 'oidc'>,
  work: (test: PageTest) => Promise<void>,
): Promise<void> {
  const { client } = await testEngine();
  await withPipelines(
    workflows,
    { identify: () => ({}) },
    async ({ pipelines, store, project }) => {
      const trusted = new Map([[testSigner.keyId, testSigner.publicKey]]);
      const log = pino({ level: 'silent' });
      const page = await startApprovalsPage({ project, client, store, signer: testSigner, trusted, log, ...options });
      const ask: PageTest['ask'] = async (contract) => {
        const run = await pipelines.start(contract, { input: { evidence: await evidence(store) }, by: 'dan' });
        let question: OpenApproval | undefined;
        await until(async () => {
          [question] = (await run.status()).approvals;
          return question !== undefined;
        });
        const { binding } = question!;
        return {
          run,
          question: question!,
          url: `${page.address}/runs/${encodeURIComponent(run.workflowId)}/${binding}`,
        };
      };
      try {
        await work({ page, pipelines, store, ask });
      } finally {
        await page.close();
      }
    },
    { people },
  );
}

async function evidence(store: ArtifactStore) {
  const reportRef = async (report: unknown) => ({ ...(await putJson(store, report)), kind: 'report' as const });
  return {
    report: await reportRef(reportOf(0.02)),
    championReport: await reportRef(reportOf(0)),
    championVersion: 'churn 7',
    model: { uri: `artifact://sha256/${'a'.repeat(64)}`, sha256: 'a'.repeat(64), sizeBytes: 120_000, kind: 'model' },
    p95LatencyMs: 3.2,
    championP95LatencyMs: 4.1,
    note: 'trained on <i>March</i>',
  };
}
