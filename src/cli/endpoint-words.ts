/** Endpoints in words. @module */
import type { EndpointRevision, EndpointState } from '../contracts/endpoints.js';
import type { EndpointHead } from '../records/endpoints.js';

/** `canary: 3 answers 95 %, 5 answers 5 %`, `out of service`. */
export function trafficWords({ traffic }: Pick<EndpointState, 'traffic'>): string {
  if (traffic === null) return 'out of service';
  const shares = traffic.shares.map(({ revision, share }) =>
    share === 0 ? `${revision} waits` : `${revision} answers ${+(share * 100).toFixed(2)} %`,
  );
  return `${traffic.mode}: ${[...shares, ...traffic.shadows.map((revision) => `${revision} listens`)].join(', ')}`;
}

/** `churn 7`, or the beginning of the model's digest. */
export function modelWords({ model, version }: EndpointRevision): string {
  return version === undefined ? model.sha256.slice(0, 12) : `${version.name} ${version.version}`;
}

/** `deployed 5`, `rolled back: single: 3 answers 100 %`. */
export function changeWords({ request: { change }, result, state }: EndpointHead): string {
  switch (change.kind) {
    case 'deploy':
      return `deployed ${result.revision}${change.traffic === 'none' ? ', which waits' : ''}`;
    case 'setTraffic':
      return trafficWords(state);
    case 'rollBack':
      return `rolled back: ${trafficWords(state)}`;
    case 'withdraw':
      return change.revision === undefined ? 'out of service' : `withdrew ${change.revision}: ${trafficWords(state)}`;
    case 'setLog':
      return `logs ${+(state.log.sample * 100).toFixed(2)} %, columns: ${state.log.columns.join(', ') || 'none'}`;
  }
}
