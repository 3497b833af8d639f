/** A JSON report in the store. @module */
import type { ArtifactAccess } from '../../src/context/stage-context.js';
import type { ReportRef } from '../../src/contracts/refs.js';

/** Stores a report and gives its ref: equal reports have equal digests. */
export async function putReport<Report>(artifacts: ArtifactAccess, report: Report): Promise<ReportRef<Report>> {
  return { ...(await artifacts.putJson(report)), kind: 'report' };
}
