/** A stream of bytes as lines of bounded length. @module */
import { StringDecoder } from 'node:string_decoder';

/** Options of {@link readLines}. */
export interface LineOptions {
  /** Longest line, in characters. */
  readonly limit: number;
  readonly onLine: (line: string) => void;
  /** Called once for each line over the limit, whose characters are dropped, with its first ones. */
  readonly onLong: (start: string) => void;
}

/** Calls `onLine` for each line of a stream, a last one without a line feed included. */
export function readLines(stream: NodeJS.ReadableStream, { limit, onLine, onLong }: LineOptions): void {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  let dropping = false;
  const take = (line: string) => {
    if (dropping) dropping = false;
    else if (line.length > limit) onLong(line.slice(0, 120));
    else onLine(line);
  };
  stream.on('data', (chunk: Buffer) => {
    const lines = (pending + decoder.write(chunk)).split('\n');
    pending = lines.pop() ?? '';
    lines.forEach(take);
    if (pending.length <= limit) return;
    if (!dropping) onLong(pending.slice(0, 120));
    dropping = true;
    pending = '';
  });
  stream.on('end', () => {
    if (pending !== '') take(pending);
  });
}
