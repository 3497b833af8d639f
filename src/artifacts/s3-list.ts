/** Lists of objects, page by page. @module */
import { type _Object as Listed, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { S3Bucket } from './s3-bucket.js';

/** Every object whose key begins with `prefix`, in the server's order: ascending by key, except in AWS's directory buckets. */
export async function* listObjects(bucket: S3Bucket, prefix: string): AsyncGenerator<Listed, void, undefined> {
  const place = { Bucket: bucket.name, Prefix: prefix };
  for (let ContinuationToken: string | undefined, more = true; more;) {
    const page = await bucket.operate(({ client, send }) =>
      client.send(new ListObjectsV2Command({ ...place, ContinuationToken }), send),
    );
    yield* page.Contents ?? [];
    ContinuationToken = page.NextContinuationToken;
    more = page.IsTruncated === true && ContinuationToken !== undefined;
  }
}
