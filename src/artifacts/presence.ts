/** A listening unix socket as a sign of life: the kernel frees it when its process dies, whatever way it dies. @module */
import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Linux takes 107 bytes for a socket's path, macOS 103; a name below the folder needs 41. */
const longestFolderBytes = 60;

/** Something that this process announced by listening. */
export interface Presence {
  /** Ends it: whoever waits for this presence to end goes on. The file stays, refusing connections. */
  readonly withdraw: () => Promise<void>;
}

/**
 * The folder for the sockets of `folder`, made if need be: `folder` itself, or where its path is too long for a socket, a
 * folder of the same digest under the system's temporary folder.
 */
export async function socketFolder(folder: string): Promise<string> {
  const fits = Buffer.byteLength(folder) <= longestFolderBytes;
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const sockets = fits ? folder : join(tmpdir(), `trainyard-${digest}`);
  await mkdir(sockets, { recursive: true, mode: 0o700 });
  return sockets;
}

/**
 * Listens at `folder/name`; `undefined` where the name is taken, by the living or the dead. The name appears only once the
 * socket listens: a peer that is refused there knows that the owner is gone.
 */
export async function announce(folder: string, name: string): Promise<Presence | undefined> {
  const peers = new Set<net.Socket>();
  const server = net.createServer((peer) => {
    peers.add(peer.unref());
    peer.on('error', () => peer.destroy()).on('close', () => peers.delete(peer));
  });
  const bound = join(folder, `${randomUUID()}.new`);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(bound, resolve));
  server.unref();
  const withdraw = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
      for (const peer of peers) peer.destroy();
    });
  try {
    await link(bound, join(folder, name));
    return { withdraw };
  } catch (error) {
    await withdraw();
    if (isCode(error, 'EEXIST')) return undefined;
    throw error;
  } finally {
    await rm(bound, { force: true });
  }
}

/** Whether a living process listens at `path`. */
export async function isAlive(path: string): Promise<boolean> {
  const peer = await reach(path);
  peer?.destroy();
  return peer !== undefined;
}

/** Waits until nobody listens at `path` any more; false when nobody did, so that there was nothing to wait for. */
export async function departure(path: string, onWait: () => void): Promise<boolean> {
  const peer = await reach(path);
  if (peer === undefined) return false;
  onWait();
  await new Promise((resolve) =>
    peer
      .on('error', () => peer.destroy())
      .on('close', resolve)
      .resume(),
  );
  return true;
}

/** How many living processes listen in `folder`; what the dead left there is removed. */
export async function countAlive(folder: string): Promise<number> {
  let alive = 0;
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.sock')) continue;
    if (await isAlive(join(folder, name))) alive += 1;
    else await rm(join(folder, name), { force: true });
  }
  return alive;
}

function reach(path: string): Promise<net.Socket | undefined> {
  return new Promise((resolve, reject) => {
    const peer = net.connect(path);
    peer.once('connect', () => {
      peer.removeAllListeners('error');
      resolve(peer);
    });
    peer.once('error', (error) => {
      // A reset means that it stopped listening while we were in its queue.
      if (isCode(error, 'ECONNREFUSED') || isCode(error, 'ECONNRESET') || isCode(error, 'ENOENT')) resolve(undefined);
      else reject(error);
    });
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
