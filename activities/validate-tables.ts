/** The stage `validate`: all checks of a dataset in one pass, samples of those that fail. @module */
import type { StageImplementation } from '../src/activity/implement-stage.js';
import { TrainyardError } from '../src/contracts/errors.js';
import type { Expectation, Finding, ValidationReport } from '../src/stages/expectations.js';
import type { ValidateContract } from '../src/stages/validate.js';
import type { ContextOf, ResultOf } from '../src/trainer/define-trainer.js';
import { implementFamily } from './implement-family.js';
import { type Check, checkOf } from './validate/checks.js';

/** What the stage needs of its context. */
export type ValidateContext = Pick<ContextOf<ValidateContract>, 'input' | 'artifacts' | 'data' | 'progress' | 'log'>;

/** Implements a contract of `validateStage`. */
export function validateTables<Contract extends ValidateContract>(contract: Contract): StageImplementation<Contract> {
  return implementFamily<ValidateContract, Contract>(contract, validateRows);
}

const sampleLimit = 10;

/** The work itself. Throws TY1411, which names the first failures and the report, unless `failOn` is `never`. */
export async function validateRows(context: ValidateContext): Promise<ResultOf<ValidateContract>> {
  const { input, artifacts, data, progress, log } = context;
  const { dataset, expectations } = input;
  const query = (sql: string) => data.sql(sql, { rows: dataset });
  const checks = expectations.map((expectation) => checkOf(expectation, Object.keys(dataset.splits).length > 0));
  const measures = checks.map(({ measure }, i) => `${measure} AS m${i}`);
  const [measured = {}] = checks.length === 0 ? [] : await query(`SELECT ${measures.join(', ')} FROM rows`);
  progress(dataset.rows, dataset.rows, 'rows');

  const findings: Finding[] = [];
  for (const [i, expectation] of expectations.entries()) {
    const check = checks[i];
    if (check) findings.push(await findingOf(expectation, check, measured[`m${i}`], query));
  }
  const failed = (severity: Finding['severity']) => findings.filter((one) => !one.passed && one.severity === severity);
  const [failures, warnings] = [failed('error'), failed('warning')];
  const passed = failures.length === 0;
  const report: ValidationReport = { dataset: dataset.sha256, rows: dataset.rows, passed, findings };
  const ref = { ...(await artifacts.putJson(report)), kind: 'report' as const };
  for (const warning of warnings) log.warn({ report: ref.sha256 }, sentence(warning));
  if (!passed && input.failOn === 'error') {
    const first = failures.slice(0, 3).map(sentence).join('; ');
    const many = failures.length === 1 ? '1 expectation does not hold' : `${failures.length} expectations do not hold`;
    throw new TrainyardError('TY1411', `${many}: ${first}; report sha256:${ref.sha256}`);
  }
  return { report: ref, passed, failures: failures.length, warnings: warnings.length };
}

async function findingOf(
  expectation: Expectation,
  check: Check,
  measured: unknown,
  query: (sql: string) => Promise<Record<string, unknown>[]>,
): Promise<Finding> {
  const { failing, observed } = check.judge(measured);
  const samples =
    failing === 0 || check.samples === undefined ? [] : await query(`${check.samples} LIMIT ${sampleLimit}`);
  return {
    expectation,
    severity: expectation.severity,
    passed: failing === 0,
    failing,
    ...(observed === undefined ? {} : { observed }),
    // Rows of a query over JSON columns: what is no JSON (a missing value) becomes null.
    samples: JSON.parse(JSON.stringify(samples)) as Finding['samples'],
  };
}

/** `expect "between", column "distance", min 1: 12 failing`. */
function sentence({ expectation, failing, observed }: Finding): string {
  const terms = Object.entries(expectation).filter(([name]) => name !== 'severity');
  const what = terms.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(', ');
  return `${what}: ${observed === undefined ? `${failing} failing` : `found ${JSON.stringify(observed)}`}`;
}
