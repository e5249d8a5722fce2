import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ScriptedS3 } from '../../../test/fakes/s3/scripted-s3.ts';
import { Traffic } from '../../http/traffic.ts';
import { isStoreError } from '../../store/errors.ts';
import { writeBytes } from '../../store/operations.ts';
import { openS3, s3Settings } from './s3-settings.ts';

const keys = { bucket_name: 'bucket', id: 'id', secret: 'secret' };
const open = (settings: Record<string, string>) =>
  openS3({ ...keys, ...settings }, { variables: {}, traffic: new Traffic() });

describe('the settings of Amazon S3', () => {
  it('that cannot be right are told by their names', async () => {
    for (const [key, value] of Object.entries({
      addressing: 'host',
      preconditions: 'none',
      checksums: 'crc64',
      create_bucket: 'perhaps',
      part_size: '4',
      endpoint: 'ftp://x',
      region: 'a/b',
      bucket_name: 'a',
    }))
      assert.throws(
        () => open({ [key]: value }),
        (error) => isStoreError(error) && error.message.includes(key),
        key,
      );
  });

  it('reach the requests', { timeout: 30_000 }, async () => {
    await using fake = await ScriptedS3.start();
    const traffic = new Traffic();
    const store = openS3(
      {
        ...keys,
        endpoint: fake.endpoint,
        session_token: 'token',
        region: 'eu-west-1',
        root: 'photos/2025',
        storage_class: 'STANDARD_IA',
        encryption: 'AES256',
        checksums: 'md5',
        part_size: '6',
      },
      { variables: {}, traffic },
    );
    assert.equal(store.capabilities.resumableFrom, 12_000_000);
    await writeBytes(store, '/file', 'content');
    const put = fake.requests(/^PUT/)[0];
    assert.equal(put?.url, '/bucket/photos/2025/file');
    assert.equal(put?.headers['x-amz-security-token'], 'token');
    assert.equal(put?.headers['x-amz-storage-class'], 'STANDARD_IA');
    assert.equal(put?.headers['x-amz-server-side-encryption'], 'AES256');
    assert.equal(put?.headers['content-md5'], 'mgNkuembtIDdJeHwKEyFVQ==');
    assert.match(String(put?.headers.authorization), /\/eu-west-1\/s3\//);
    assert.equal(traffic.figures()['PutObject']?.requests, 1);
    await store.close();
  });

  it('keep secrets secret', () => {
    const secrets = s3Settings.filter(({ secret }) => secret).map(({ key }) => key);
    assert.deepEqual(secrets, ['secret', 'session_token']);
  });
});
