/** A request's body in memory, within a bound. @module */
import type { IncomingMessage } from 'node:http';
import { RequestError } from './request-error.js';
import { concatBytes } from './tensors.js';

/**
 * Reads a body to its end.
 * @throws RequestError 413 above `maxBytes`, before more of it is read; 400 for a compressed body.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    throw new RequestError(
      400,
      `a body with Content-Encoding ${encoding.slice(0, 40)} is not read; send it uncompressed`,
    );
  const tooLarge = () => new RequestError(413, `the body is larger than ${maxBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    // Listeners, not async iteration: that costs a microtask round for each chunk and destroys the socket on a throw.
    request.on('data', (chunk: Uint8Array) => {
      size += chunk.byteLength;
      if (size > maxBytes) {
        request.removeAllListeners('data');
        request.resume();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    request.on('end', () => {
      const [first = new Uint8Array()] = chunks;
      resolve(chunks.length > 1 ? concatBytes(chunks) : first);
    });
    request.on('error', reject);
    request.on('aborted', () => {
      reject(new RequestError(400, 'the client went away'));
    });
  });
}
