import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { s3Error, ScriptedS3 } from '../../../test/fakes/s3/scripted-s3.ts';
import { isStoreError } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import { S3Endpoint, type S3EndpointOptions } from './s3-endpoint.ts';
import { S3Store } from './s3-store.ts';

const told = (options: S3EndpointOptions): string => {
  const { origin, path, region } = new S3Endpoint(options).address;
  return `${origin}${path} ${region}`;
};

describe('where a bucket is', () => {
  it('with Amazon S3: in the host, unless dots in its name would break the certificate', () => {
    assert.equal(told({ bucket: 'photos' }), 'https://photos.s3.us-east-1.amazonaws.com us-east-1');
    assert.equal(told({ bucket: 'my.photos' }), 'https://s3.us-east-1.amazonaws.com/my.photos us-east-1');
    assert.equal(
      told({ bucket: 'photos', region: 'eu-central-1', addressing: 'path' }),
      'https://s3.eu-central-1.amazonaws.com/photos eu-central-1',
    );
    assert.equal(
      told({ bucket: 'photos', region: 'cn-north-1' }),
      'https://photos.s3.cn-north-1.amazonaws.com.cn cn-north-1',
    );
  });

  it('with another service: in the path, or as it is said', () => {
    assert.equal(told({ bucket: 'b12', endpoint: 'storage.example' }), 'https://storage.example/b12 us-east-1');
    assert.equal(told({ bucket: 'b12', endpoint: 'http://localhost:8080/' }), 'http://localhost:8080/b12 us-east-1');
    assert.equal(
      told({ bucket: 'b12', endpoint: 'https://storage.example/v1/s3' }),
      'https://storage.example/v1/s3/b12 us-east-1',
    );
    assert.equal(
      told({ bucket: 'b12', endpoint: 'https://storage.example:444', addressing: 'virtual', region: 'x-1' }),
      'https://b12.storage.example:444 x-1',
    );
  });

  it('is told in words that name the setting', () => {
    for (const endpoint of ['ftp://storage.example', 'https://', '9000', 'https://user:secret@storage.example'])
      assert.throws(
        () => new S3Endpoint({ bucket: 'b12', endpoint }),
        (error) =>
          isStoreError(error, 'Unsupported') && /`endpoint`/.test(error.message) && !/secret/.test(error.message),
      );
    assert.throws(() => new S3Endpoint({ bucket: 'b12', region: 'a b/c' }), /`region`/);
    for (const bucket of ['', 'ab', '../x', 'a/b', 'b ucket', 'ä12'])
      assert.throws(
        () => new S3Store({ bucket, id: 'id', secret: 'secret' }),
        (error) => isStoreError(error, 'InvalidPath') && /bucket_name/.test(error.message),
        bucket,
      );
  });
});

describe('a redirect', () => {
  it('tells the region, and with Amazon S3 the host too', () => {
    const endpoint = new S3Endpoint({ bucket: 'photos' });
    assert.equal(
      endpoint.redirect({ status: 301, region: 'eu-west-1' })?.origin,
      'https://photos.s3.eu-west-1.amazonaws.com',
    );
    assert.equal(endpoint.address.region, 'eu-west-1');
    assert.equal(endpoint.redirect({ status: 301, region: 'eu-west-1' }), undefined);
  });

  it('is followed within the service only, and never from https to http', () => {
    const endpoint = new S3Endpoint({ bucket: 'photos' });
    const to = (location: string, status = 307) => endpoint.redirect({ status, location });
    assert.equal(
      to('https://photos.s3-eu-west-1.amazonaws.com/key?x=1')?.origin,
      'https://photos.s3-eu-west-1.amazonaws.com',
    );
    assert.equal(to('https://s3-eu-west-1.amazonaws.com/photos/key')?.path, '/photos');
    assert.equal(endpoint.address.origin, 'https://photos.s3.us-east-1.amazonaws.com', '307 holds once');
    for (const location of [
      'http://photos.s3-eu-west-1.amazonaws.com/key',
      'https://amazonaws.com.evil.example/key',
      'https://evilamazonaws.com/key',
      'https://evil.example/key',
      'file:///etc/passwd',
      '//',
    ])
      assert.equal(to(location), undefined, location);
    to('https://photos.s3-eu-west-1.amazonaws.com/key', 308);
    assert.equal(endpoint.address.origin, 'https://photos.s3-eu-west-1.amazonaws.com');
    const own = new S3Endpoint({ bucket: 'b12', endpoint: 'https://storage.example' });
    assert.equal(
      own.redirect({ status: 307, location: 'https://node7.storage.example/b12/key' })?.host,
      'node7.storage.example',
    );
    assert.equal(own.redirect({ status: 307, location: 'https://storage.example.evil/b12/key' }), undefined);
  });
});

describe('requests that go to the wrong place', { timeout: 30_000 }, () => {
  it('are signed anew for the region that the service names', async () => {
    await using fake = await ScriptedS3.start();
    fake.faults.push(({ headers, method }) => {
      if (String(headers.authorization).includes('/eu-north-1/s3/')) return undefined;
      const region = { 'x-amz-bucket-region': 'eu-north-1' };
      return method === 'HEAD'
        ? { status: 400, headers: region }
        : s3Error(400, 'AuthorizationHeaderMalformed', '<Region>eu-north-1</Region>');
    });
    const store = new S3Store({ bucket: 'bucket', id: 'id', secret: 'secret', endpoint: fake.endpoint });
    await writeBytes(store, '/file', 'content');
    assert.equal(await readText(store, '/file'), 'content');
    assert.equal(fake.seen.filter(({ headers }) => String(headers.authorization).includes('/us-east-1/')).length, 1);
    await store.close();
  });

  it('are sent again with their body where a 307 leads, signed for that host', async () => {
    await using fake = await ScriptedS3.start();
    const elsewhere = `http://127.0.0.1:${fake.port}`;
    fake.fault(1, ({ method, url }) =>
      method === 'PUT' ? s3Error(307, 'TemporaryRedirect', '', { location: `${elsewhere}${url}` }) : undefined,
    );
    const store = new S3Store({
      bucket: 'bucket',
      id: 'id',
      secret: 'secret',
      endpoint: `http://127.0.0.1:${fake.port}`,
    });
    await writeBytes(store, '/file', 'content');
    const puts = fake.requests(/^PUT/);
    assert.deepEqual(
      puts.map(({ body, headers }) => `${body.toString()} to ${headers.host}`),
      Array(2).fill(`content to 127.0.0.1:${fake.port}`),
    );
    await store.close();
  });

  it('are given up where redirects never end, or lead to strangers', async () => {
    await using fake = await ScriptedS3.start();
    let location = '';
    fake.faults.push(({ url }) => s3Error(307, 'TemporaryRedirect', '', { location: location + url }));
    for (location of [fake.endpoint, 'http://stranger.example']) {
      const store = new S3Store({
        bucket: 'bucket',
        id: 'id',
        secret: 'secret',
        endpoint: fake.endpoint,
        retry: { attempts: 1 },
      });
      await assert.rejects(store.stat('/file'), (error) => isStoreError(error, 'Unavailable'));
      await store.close();
    }
    assert.ok(fake.seen.length < 12);
  });
});
