/** Connects to a Temporal server: the development engine, a self-hosted cluster or Temporal Cloud, all alike. @module */
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { messageOf, TrainyardError } from '../contracts/errors.js';

/** How to reach the server; `loadClientConnectConfig` of `@temporalio/envconfig` gives the same fields. */
export interface ConnectOptions extends Pick<ConnectionOptions, 'address' | 'tls' | 'apiKey' | 'metadata'> {
  readonly namespace: string;
  /** Codecs of every payload, the first one nearest to the values: the payload guard, then encryption. */
  readonly payloadCodecs?: PayloadCodec[];
}

/** A server that was away is found again within 2 seconds of its return; gRPC's own limit is 2 minutes. */
const channelArgs = { 'grpc.max_reconnect_backoff_ms': 2_000 };

/** A Temporal client; close its `connection` when done. Throws TY1901 when the server cannot be reached within 10 seconds. */
export async function connect({ namespace, payloadCodecs, ...connection }: ConnectOptions): Promise<Client> {
  // Not `Connection.connect`, which leaves a channel open, and the process alive, where nobody answers.
  const opened = Connection.lazy({ ...connection, connectTimeout: '10s', channelArgs });
  try {
    await opened.ensureConnected();
    return new Client({ connection: opened, namespace, dataConverter: { payloadCodecs: payloadCodecs ?? [] } });
  } catch (error) {
    await opened.close();
    const address = connection.address ?? 'localhost:7233';
    throw new TrainyardError('TY1901', `no Temporal server answers at ${address}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
