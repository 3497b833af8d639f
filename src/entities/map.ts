/** A part of a map: its items, or parts of its own where they are too many for one history. @module */
import { ApplicationFailure } from '@temporalio/workflow';
import { type MapPart, mapPart, type MappedPart } from '../workflow/map-list.js';
import { contractOf } from '../workflow/proxy-stages.js';
import { acceptRaises } from '../workflow/run-budget.js';

/** The workflow `trainyard:map`, started by `mapStage`. */
export function map(part: MapPart): Promise<MappedPart> {
  acceptRaises();
  const contract = contractOf(part.stage);
  if (contract !== undefined) return mapPart({ ...part, contract }, part.from, part.to);
  throw ApplicationFailure.create({
    message: `stage ${part.stage}: the parts of a map do not know it. Call proxyStages at the top of the workflows' file. [TY1003]`,
    type: 'ContractViolation',
    nonRetryable: true,
  });
}
