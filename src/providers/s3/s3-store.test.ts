import { after, before, describe, it } from 'node:test';
import { randomUUID } from 'node:crypto';
import assert from 'node:assert/strict';
import { s3Error, ScriptedS3 } from '../../../test/fakes/s3/scripted-s3.ts';
import { testStore } from '../../conformance/index.ts';
import { isStoreError } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import { S3Store } from './s3-store.ts';

const keys = { bucket: 'bucket', id: 'id', secret: 'secret', variables: {} };

/** Where conditions are looked at before, the suite runs against real servers: `test/servers/s3-server-suite.ts`. */
describe('S3Store in this process', { timeout: 300_000 }, () => {
  let fake: ScriptedS3;
  before(async () => void (fake = await ScriptedS3.start()));
  after(() => fake[Symbol.asyncDispose]());
  const part = 5 << 20;
  const options = { preconditions: 'atomic', multipartFrom: part, partSize: part } as const;
  testStore('with a service that keeps conditions', {
    runner: { describe, it },
    open: () => new S3Store({ ...keys, endpoint: fake.endpoint, root: randomUUID(), ...options }),
  });
});

describe('the first call', { timeout: 30_000 }, () => {
  it('makes the bucket where it is missing, once, and only if that is wanted', async () => {
    await using fake = await ScriptedS3.start();
    fake.keys.exists = false;
    const never = new S3Store({ ...keys, endpoint: fake.endpoint, createBucket: false });
    await assert.rejects(never.stat('/file'), (error) => isStoreError(error, 'PermissionDenied'));
    assert.equal(fake.requests(/^PUT/).length, 0);
    const store = new S3Store({ ...keys, endpoint: fake.endpoint, region: 'eu-west-1' });
    await Promise.all(['/a', '/b', '/c'].map((path) => writeBytes(store, path, path)));
    const made = fake.requests(/^PUT \/bucket\/$/);
    assert.deepEqual(
      made.map(({ body }) => /<LocationConstraint>(.*?)</.exec(body.toString())?.[1]),
      ['eu-west-1'],
    );
    await Promise.all([store.close(), never.close()]);
  });

  it('is done again by the next one when it failed', async () => {
    await using fake = await ScriptedS3.start();
    const store = new S3Store({ ...keys, endpoint: fake.endpoint });
    fake.fault(1, () => s3Error(403, 'AccessDenied'));
    await assert.rejects(store.stat('/file'), (error) => isStoreError(error, 'PermissionDenied'));
    await writeBytes(store, '/file', 'content');
    assert.equal(await readText(store, '/file'), 'content');
    await store.close();
  });

  it('tells what is wrong with keys, each in words of its own', async () => {
    await using fake = await ScriptedS3.start();
    const told: string[] = [];
    for (const [code, words] of Object.entries({
      InvalidAccessKeyId: /check `id`/,
      SignatureDoesNotMatch: /check `secret`/,
      ExpiredToken: /`session_token`/,
      AccessDenied: /rights to the bucket/,
      BucketAlreadyExists: /another `bucket_name`/,
      UserSuspended: /suspended/,
    })) {
      fake.fault(1, () => s3Error(code === 'BucketAlreadyExists' ? 409 : 403, code));
      const store = new S3Store({ ...keys, endpoint: fake.endpoint });
      await assert.rejects(store.stat('/file'), (error) => {
        assert.ok(isStoreError(error) && !error.retryable, String(error));
        assert.match(error.message, words);
        told.push(error.message);
        return true;
      });
      await store.close();
    }
    assert.equal(new Set(told).size, told.length);
  });

  it('asks for other keys when those it has have expired', async () => {
    await using fake = await ScriptedS3.start();
    const variables: Record<string, string> = { AWS_ACCESS_KEY_ID: 'old', AWS_SECRET_ACCESS_KEY: 's' };
    fake.faults.push(({ headers }) =>
      String(headers.authorization).includes('Credential=old/') ? s3Error(400, 'ExpiredToken') : undefined,
    );
    const store = new S3Store({ bucket: 'bucket', endpoint: fake.endpoint, variables });
    await assert.rejects(store.stat('/file'), (error) => isStoreError(error, 'Unauthenticated'));
    variables['AWS_ACCESS_KEY_ID'] = 'new';
    await writeBytes(store, '/file', 'content');
    await store.close();
  });
});
