import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, WebdavFake } from '../../../test/fakes/webdav/webdav-fake.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import { WebdavStore } from './webdav-store.ts';

const metadata = { mode: '100755' };

function refusal(status: string): string {
  const told = `<d:prop><cloudfusion-metadata xmlns="urn:cloudfusion"/></d:prop><d:status>HTTP/1.1 ${status}</d:status>`;
  return `<d:multistatus xmlns:d="DAV:"><d:response><d:href>/</d:href><d:propstat>${told}</d:propstat></d:response></d:multistatus>`;
}

describe('metadata at WebDAV servers', { timeout: 20_000 }, () => {
  it('is kept where the first call finds out that properties are', async () => {
    await using fake = await WebdavFake.start({ properties: true });
    const store = new WebdavStore({ url: fake.url });
    assert.equal(store.capabilities.metadata, 'none');
    await store.stat('/');
    assert.equal(store.capabilities.metadata, 'any');
    assert.equal(fake.count('PROPPATCH'), 1);
    await store.close();
  });

  it('is not where they are refused, one by one or with a web page', async () => {
    for (const [status, body] of [
      [207, refusal('403 Forbidden')],
      [200, '<html>Welcome</html>'],
      [401, ''],
      [500, ''],
    ] as const) {
      await using fake = await WebdavFake.start({ properties: true });
      fake.interfere = (request, response) => {
        if (request.method === 'PROPPATCH') answer(response, status, { 'content-type': 'application/xml' }, body);
        return request.method === 'PROPPATCH';
      };
      const store = new WebdavStore({ url: fake.url });
      await store.stat('/');
      assert.equal(store.capabilities.metadata, 'none', String(status));
      await writeBytes(store, '/file', 'content');
      await store.close();
    }
  });

  it('costs a request for files that have some, and none for new ones without', async () => {
    await using fake = await WebdavFake.start({ properties: true });
    const store = new WebdavStore({ url: fake.url });
    await store.stat('/');
    const requestsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
      fake.requests.length = 0;
      await work();
      return fake.requests.map((request) => request.split(' ')[0] ?? '');
    };
    assert.deepEqual(await requestsOf(() => writeBytes(store, '/a', 'new', { ifRevision: null })), ['PUT']);
    assert.deepEqual(await requestsOf(() => writeBytes(store, '/b', 'new', { metadata })), ['PUT', 'PROPPATCH']);
    assert.deepEqual(await requestsOf(() => Array.fromAsync(store.list('/'))), ['PROPFIND']);
    const [, listed] = await Array.fromAsync(store.list('/'));
    assert.deepEqual(listed?.kind === 'file' && listed.metadata, metadata);
    await store.close();
  });

  it('is missing at a file whose upload broke off behind the bytes, which the write tells', async () => {
    await using fake = await WebdavFake.start({ properties: true });
    const store = new WebdavStore({ url: fake.url });
    await store.stat('/');
    fake.interfere = (request, response) => {
      if (request.method === 'PROPPATCH') answer(response, 507);
      return request.method === 'PROPPATCH';
    };
    await assert.rejects(writeBytes(store, '/file', 'content', { metadata }), { code: 'QuotaExceeded' });
    fake.interfere = () => false;
    assert.equal(await readText(store, '/file'), 'content');
    const found = await store.stat('/file');
    assert.deepEqual(found.kind === 'file' && found.metadata, {});
    const again = await writeBytes(store, '/file', 'content', { metadata });
    assert.deepEqual(again.metadata, metadata);
    await store.close();
  });
});
