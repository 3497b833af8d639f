/** What a project asks of changes to its models: an approved decision about the very model, where an alias wants one. @module */
import { type Project, decisionFor } from '../contracts/define-project.js';
import type { RefusedChange } from '../contracts/entities.js';
import { TrainyardError } from '../contracts/errors.js';
import { ModelChange, namesDigest } from '../contracts/model-registry.js';
import { type KeptDecision, readDecision } from '../records/decisions.js';
import type { HeadSource } from '../records/entity-heads.js';
import { registrationOf } from '../records/model-heads.js';
import type { ChangePolicy } from './entity-activities.js';

/** The policy of the project's models. Rolling back asks for nothing: what an alias had before was allowed then. */
export function modelPolicy(project: Pick<Project, 'models'>, source: Required<HeadSource>): ChangePolicy {
  return async (name, { change: wish, decision: binding }) => {
    const change = ModelChange.parse(wish);
    if (change.type !== 'setAlias') return undefined;
    const { alias, version } = change;
    const approval = decisionFor(project, name, alias);
    if (approval === undefined) return undefined;
    const refuse = (why: string): RefusedChange => ({
      code: 'TY2107',
      what: `"${alias}" of model ${name} is set by a decision on "${approval}": ${why}`,
    });
    if (binding === undefined) return refuse('none was named');
    let decision: KeptDecision | undefined;
    try {
      decision = await readDecision(source.store, binding, source.trusted);
    } catch (error) {
      if (!(error instanceof TrainyardError) || error.retried) throw error;
      return refuse(error.what);
    }
    if (decision === undefined) return refuse(`there is no record of ${binding}`);
    const { record, author } = decision;
    if (author.state !== 'verified') return refuse(`the record of ${binding} is signed by nobody who is trusted`);
    if (record.name !== approval) return refuse(`${binding} is one on "${record.name}"`);
    if (record.verdict !== 'approved') return refuse(`run ${record.workflowId} was ${record.verdict}`);
    const registration = await registrationOf(source, name, version);
    const sha256 = registration?.details.model.sha256;
    if (sha256 === undefined || !namesDigest(record.evidence, sha256))
      return refuse(`its evidence does not name the digest of version ${version}, ${sha256 ?? 'which is not there'}`);
    return undefined;
  };
}
