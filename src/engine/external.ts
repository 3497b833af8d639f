/** A Temporal server that somebody else runs, named by the environment or by a Temporal profile. @module */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** What `Connection.connect` of the client and `NativeConnection.connect` of the worker both take. */
export interface EngineConnection extends Pick<NativeConnectionOptions, 'tls' | 'metadata'> {
  readonly address: string;
  readonly apiKey?: string;
}

/** A server that is neither started nor tuned nor stopped by Trainyard. */
export interface ExternalServer {
  readonly kind: 'server';
  readonly connection: EngineConnection;
  /** From `TEMPORAL_NAMESPACE` or the profile. */
  readonly namespace?: string;
  readonly source: string;
}

/**
 * The server that `TEMPORAL_ADDRESS` or a Temporal profile (`TEMPORAL_PROFILE`, `TEMPORAL_CONFIG_FILE`, else Temporal's own
 * configuration file) names, with its TLS, API key and namespace: the rules of `@temporalio/envconfig`, so that Temporal Cloud and
 * self-hosted clusters work as they do with Temporal's own tools. Throws TY1805 where the configuration cannot be read.
 */
export function externalServer(env: NodeJS.ProcessEnv): ExternalServer | undefined {
  const { connectionOptions, namespace } = load(env);
  const { address, apiKey, tls, metadata } = connectionOptions;
  const profile = env['TEMPORAL_PROFILE'];
  if (address === undefined) {
    if (profile === undefined) return undefined;
    throw new TrainyardError('TY1805', `Temporal profile "${profile}" names no address`);
  }
  if (typeof apiKey === 'function') throw new TypeError('envconfig reads API keys as text');
  const source = env['TEMPORAL_ADDRESS']
    ? `TEMPORAL_ADDRESS (${address})`
    : `Temporal profile "${profile ?? 'default'}" (${address})`;
  return {
    kind: 'server',
    connection: {
      address,
      ...(apiKey && { apiKey }),
      ...(tls !== undefined && { tls }),
      ...(metadata && { metadata }),
    },
    ...(namespace && { namespace }),
    source,
  };
}

function load(env: NodeJS.ProcessEnv) {
  const set = Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]));
  try {
    return loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) });
  } catch (error) {
    throw new TrainyardError('TY1805', `the Temporal profile cannot be used: ${messageOf(error)}`, { cause: error });
  }
}
