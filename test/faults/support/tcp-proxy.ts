/** A network between a worker and the engine that can be cut and split. @module */
import { once } from 'node:events';
import net from 'node:net';

/** Passes bytes on, until told otherwise. */
export interface TcpProxy {
  /** Where to connect instead of the server. */
  readonly address: string;
  /** Resets every connection; new ones are taken. */
  readonly cut: () => void;
  /**
   * Splits the network: the server sees its peers go, while for the peers connections stay, new ones are taken, and no byte passes.
   * Unsplit, their connections are reset.
   */
  readonly split: (split: boolean) => void;
  readonly close: () => Promise<void>;
}

/** Listens on a free port in front of `target`, `host:port`. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const [host = '', port = ''] = target.split(':');
  const near = new Set<net.Socket>();
  const far = new Set<net.Socket>();
  let isSplit = false;
  const server = net.createServer((peer) => {
    keep(peer, near);
    if (isSplit) return;
    const upstream = keep(net.connect(Number(port), host), far);
    peer.pipe(upstream).pipe(peer, { end: false });
    peer.on('close', () => upstream.destroy());
    upstream.on('close', () => isSplit || peer.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const bound = server.address();
  if (typeof bound !== 'object' || bound === null) throw new Error('a TCP server has a port');
  return {
    address: `127.0.0.1:${bound.port}`,
    cut: () => {
      resetAll(near);
    },
    split: (split) => {
      isSplit = split;
      resetAll(split ? far : near);
    },
    close: async () => {
      resetAll(near);
      server.close();
      await once(server, 'close');
    },
  };
}

function keep(socket: net.Socket, among: Set<net.Socket>): net.Socket {
  among.add(socket);
  return socket.on('error', () => undefined).on('close', () => among.delete(socket)); // 'close' follows every error
}

function resetAll(sockets: ReadonlySet<net.Socket>): void {
  for (const socket of sockets) socket.resetAndDestroy();
}
