/** A connection to a server, or none. @module */
import { Connection, type ConnectionOptions } from '@temporalio/client';

/** `Connection.connect`, which leaves a channel open, and the process alive, where nobody answers; this one closes it. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const connection = Connection.lazy(options);
  try {
    await connection.ensureConnected();
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}
