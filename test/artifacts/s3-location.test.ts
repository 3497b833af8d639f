import assert from 'node:assert/strict';
import { parseS3Uri, s3UriOf } from '../../src/artifacts/s3-location.js';

describe('a uri of S3', () => {
  it('names a bucket, a path and how to reach them', () => {
    assert.deepEqual(parseS3Uri('s3://ml-artifacts'), { bucket: 'ml-artifacts', path: '' });
    assert.deepEqual(
      parseS3Uri(
        's3://ml-artifacts/team/a?endpoint=http://127.0.0.1:9000&region=eu-west-1&pathStyle=true&encryption=aws:kms&kmsKey=alias/ml',
      ),
      {
        bucket: 'ml-artifacts',
        path: 'team/a',
        endpoint: 'http://127.0.0.1:9000',
        region: 'eu-west-1',
        pathStyle: true,
        encryption: { algorithm: 'aws:kms', kmsKey: 'alias/ml' },
      },
    );
    assert.equal(parseS3Uri('s3://b-1/data/2024 and %20/*.parquet').path, 'data/2024 and %20/*.parquet');
  });

  it('comes back as it was read', () => {
    for (const uri of [
      's3://bucket',
      's3://bucket/a/b',
      's3://bucket?encryption=AES256',
      's3://bucket/p?pathStyle=false',
    ])
      assert.equal(s3UriOf(parseS3Uri(uri)), uri);
    const all = parseS3Uri('s3://bkt/p?kmsKey=arn:aws:kms:x:1:key/2&encryption=aws:kms&endpoint=https://h:1/&region=r');
    assert.deepEqual(parseS3Uri(s3UriOf(all)), all);
  });

  it('is refused with a reason', () => {
    for (const [uri, reason] of [
      ['s3:', /no bucket/],
      ['s3://', /cannot be a bucket/],
      ['s3://a', /cannot be a bucket/],
      ['s3://bucket?endpoint=localhost:9000', /not an http: or https: address/],
      ['s3://bucket?endpoint=', /not an http: or https: address/],
      ['s3://bucket?pathStyle=yes', /neither true nor false/],
      ['s3://bucket?encryption=yes', /neither AES256 nor aws:kms/],
      ['s3://bucket?kmsKey=k', /needs encryption=aws:kms/],
      ['s3://bucket?cache=/x', /no option "cache"/],
    ] as const)
      assert.throws(() => parseS3Uri(uri), { code: 'TY1204', message: reason }, uri);
  });

  it('never carries credentials, and the refusal does not repeat them', () => {
    for (const uri of [
      's3://AKIA123:hush-hush@bucket/p',
      's3://bucket?accessKeyId=AKIA123&secretAccessKey=hush-hush',
      's3://bucket?AWS_SECRET_ACCESS_KEY=hush-hush',
      's3://bucket?sessionToken=hush-hush',
    ])
      assert.throws(
        () => parseS3Uri(uri),
        (error: Error) => /credentials never stand in a uri/.test(error.message) && !/hush|AKIA/.test(error.message),
      );
  });
});
