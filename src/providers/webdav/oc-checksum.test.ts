import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it, type TestContext } from 'node:test';
import { answer, WebdavFake } from '../../../test/fakes/webdav/webdav-fake.ts';
import { isStoreError } from '../../store/errors.ts';
import { readBytes, readText, writeBytes } from '../../store/operations.ts';
import { WebdavStore } from './webdav-store.ts';

const limit = { timeout: 20_000 };
const isCorrupt = (error: unknown): boolean => isStoreError(error, 'Corrupt');

async function started(t: TestContext, isNextcloud: boolean): Promise<{ fake: WebdavFake; store: WebdavStore }> {
  const fake = await WebdavFake.start({ isNextcloud });
  const store = new WebdavStore({ url: fake.url });
  t.after(async () => {
    await store.close();
    await fake[Symbol.asyncDispose]();
  });
  return { fake, store };
}

/** What the fake keeps of the file. */
function kept(fake: WebdavFake): { bytes: Buffer | undefined; checksum?: string | undefined } {
  const node = fake.tree.nodes.get('/file');
  assert.ok(node !== undefined);
  return node;
}

it('Nextcloud is told the checksum of a file, and others are not', limit, async (t) => {
  for (const isNextcloud of [true, false]) {
    const { fake, store } = await started(t, isNextcloud);
    await writeBytes(store, '/file', 'content');
    const expected = `SHA1:${createHash('sha1').update('content').digest('hex')}`;
    assert.equal(kept(fake).checksum, isNextcloud ? expected : undefined);
  }
});

it('a file that is not what was sent is Corrupt, but for ranges, which nothing is kept of', limit, async (t) => {
  const { fake, store } = await started(t, true);
  await writeBytes(store, '/file', 'content');
  kept(fake).bytes?.write('C');
  await assert.rejects(readText(store, '/file'), isCorrupt);
  assert.equal(Buffer.from(await readBytes(store, '/file', { offset: 1, length: 3 })).toString(), 'ont');
  kept(fake).checksum = 'MD5:0 ADLER32:0';
  assert.equal(await readText(store, '/file'), 'Content');
});

it('an upload that ownCloud finds damaged is Corrupt', limit, async (t) => {
  const { fake, store } = await started(t, true);
  const words = 'The computed checksum does not match the one received from the client.';
  const text = `<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:message>${words}</s:message></d:error>`;
  fake.interfere = (request, response) => {
    if (request.method === 'PUT') answer(response, 400, { 'content-type': 'application/xml' }, text);
    return request.method === 'PUT';
  };
  await assert.rejects(writeBytes(store, '/file', 'content'), isCorrupt);
  assert.equal(fake.tree.nodes.has('/file'), false);
});
