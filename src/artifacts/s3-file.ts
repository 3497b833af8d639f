/** An object into a file: ranges side by side, each written to its place as it comes, while a thread hashes what has no gap. @module */
import { sha256 } from './digest.js';
import { writeAll, writeAt } from './durable-files.js';
import { GrowingDigest } from './growing-digest.js';
import { type Download, fetchPiece, fetchRange } from './s3-download.js';
import { sideBySide } from './side-by-side.js';
import type { Content } from './verified.js';

/** What one request asks for: smaller ones cost requests, larger ones leave more to hash when the last has come. */
const rangeBytes = 16 * 1024 * 1024;
/** One is slower than a disk, a fourth brought nothing: of 1 GB a process peaks at 85 to 92 MB. */
const connections = 3;
/** What is written at once: the socket gives 64 KiB at a time, for which the way through the thread pool is too long. */
const blockBytes = 512 * 1024;

/**
 * Fills an empty file, open for reading and writing, and tells what it has. Nothing writes to it any more when this ends. Throws what
 * `S3Bucket.operate` throws, and errors of the disk.
 */
export async function downloadInto(file: number, object: Download): Promise<Content> {
  const { sizeBytes } = object;
  if (sizeBytes > rangeBytes) return { sha256: await downloadRanges(file, object), sizeBytes };
  const bytes = await fetchPiece(object, 0, new Uint8Array(sizeBytes));
  await writeAll(file, bytes);
  return { sha256: sha256(bytes), sizeBytes };
}

async function downloadRanges(file: number, object: Download): Promise<string> {
  const { sizeBytes } = object;
  const digest = new GrowingDigest({ file, sizeBytes });
  const written = new Set<number>();
  let next = 0;
  let reached = 0;
  try {
    await sideBySide(
      connections,
      async (signal, fail) => {
        const block = new Uint8Array(blockBytes);
        // To `operate` an error of the disk would be one of the line.
        const write = (size: number, at: number) => writeAt(file, block.subarray(0, size), at).catch(fail);
        for (let start = next; start < sizeBytes; start = next) {
          next += rangeBytes;
          let filled = 0;
          let at = start;
          await fetchRange({ ...object, signal }, start, Math.min(next, sizeBytes), async (chunk) => {
            if (filled + chunk.length > blockBytes) {
              await write(filled, at);
              at += filled;
              filled = 0;
            }
            block.set(chunk, filled);
            filled += chunk.length;
          });
          await write(filled, at);
          written.add(start);
          while (written.delete(reached)) reached += rangeBytes;
          digest.reach(Math.min(reached, sizeBytes));
        }
      },
      object.signal,
    );
    return await digest.sha256;
  } finally {
    await digest.stop();
  }
}
