/** What the store asks of a server, and what it never does: passwords to strangers, double moves, forgotten uploads. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { answer, WebdavFake } from '../../../test/fakes/webdav/webdav-fake.ts';
import { sampleBytes } from '../../conformance/sample-content.ts';
import { isStoreError } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import { WebdavStore, type WebdavStore as Opened } from './webdav-store.ts';

const timeout = 20_000;

function disposable(store: Opened): Opened & AsyncDisposable {
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

describe('requests to WebDAV servers', { timeout }, () => {
  it('carry no password to where a redirect leads', async () => {
    const told: (string | undefined)[] = [];
    const stranger = createServer((request, response) => {
      told.push(request.headers.authorization);
      answer(response, 401, { 'www-authenticate': 'Basic realm="give"' });
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    await using fake = await WebdavFake.start();
    const target = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`;
    fake.interfere = (request, response) => {
      if (request.headers.authorization === undefined) answer(response, 401, { 'www-authenticate': 'Basic realm="r"' });
      else answer(response, 302, { location: target });
      return true;
    };
    await using store = disposable(new WebdavStore({ url: fake.url, user: 'anna', password: 'secret' }));
    await assert.rejects(store.stat('/'), (error) => {
      return isStoreError(error, 'Unauthenticated') && error.message.includes(target.slice(0, -1));
    });
    assert.deepEqual(told, [undefined]);
    await new Promise((resolve) => stranger.close(resolve));
  });

  it('are authorized at once when the server has said how', async () => {
    await using fake = await WebdavFake.start();
    let challenges = 0;
    fake.interfere = (request, response) => {
      if (request.headers.authorization !== undefined) return false;
      challenges++;
      answer(response, 401, { 'www-authenticate': 'Basic realm="r"' });
      return true;
    };
    await using store = disposable(new WebdavStore({ url: fake.url, user: 'anna', password: 'secret' }));
    await writeBytes(store, '/a/file', 'content');
    assert.equal(await readText(store, '/a/file'), 'content');
    assert.equal(challenges, 1);
  });

  it('are one for a small file at Nextcloud, which tells everything in its answer', async () => {
    await using fake = await WebdavFake.start();
    await using store = disposable(new WebdavStore({ url: fake.url }));
    await store.stat('/');
    fake.requests.length = 0;
    const written = await writeBytes(store, '/file', 'content', { modified: Date.UTC(2020, 1, 2) });
    assert.deepEqual(fake.requests, ['PUT /remote.php/dav/files/anna/file']);
    assert.deepEqual(await store.stat('/file'), written);
  });

  it('find out what came of a move whose answer was lost', async () => {
    await using fake = await WebdavFake.start({ isNextcloud: false });
    await using store = disposable(new WebdavStore({ url: fake.url }));
    await writeBytes(store, '/from', 'content');
    let lost = 0;
    fake.interfere = (request, response) => {
      if (request.method !== 'MOVE' || lost > 0) return false;
      lost++;
      fake.tree.relocate('/from', '/to', true);
      response.destroy();
      return true;
    };
    await store.move('/from', '/to');
    assert.equal(await readText(store, '/to'), 'content');
    assert.equal(fake.count('MOVE'), 2, 'one for the upload, one for the move');
  });

  it('are made again for a copy whose connection broke before it was done', async () => {
    await using fake = await WebdavFake.start();
    await using store = disposable(new WebdavStore({ url: fake.url }));
    await writeBytes(store, '/from', 'content');
    let broken = 0;
    fake.interfere = (request, response) => {
      if (request.method !== 'COPY' || broken > 0) return false;
      broken++;
      response.destroy();
      return true;
    };
    await store.copy('/from', '/to');
    assert.equal(broken, 1);
    assert.equal(await readText(store, '/to'), 'content');
  });

  it('hide unfinished uploads, and remove those that are a day old', async () => {
    await using fake = await WebdavFake.start({ isNextcloud: false });
    await using store = disposable(new WebdavStore({ url: fake.url }));
    await writeBytes(store, '/file', 'content');
    const [fresh, old] = ['0', '1'].map((digit) => `/.cloudfusion-upload-${digit.repeat(32)}`) as [string, string];
    fake.tree.put(fresh, Buffer.from('half'));
    fake.tree.put(old, Buffer.from('half'), Date.now() - 25 * 3600_000);
    assert.deepEqual(await Array.fromAsync(store.list('/'), ({ path }) => path), ['/file']);
    assert.deepEqual([fake.tree.nodes.has(fresh), fake.tree.nodes.has(old)], [true, false]);
    await assert.rejects(store.stat(fresh), (error) => isStoreError(error, 'InvalidPath'));
  });

  it('never replace a directory by a file that was being uploaded', async () => {
    await using fake = await WebdavFake.start({ isNextcloud: false });
    await using store = disposable(new WebdavStore({ url: fake.url }));
    fake.interfere = (request) => {
      if (request.method === 'PUT') for (const path of ['/x', '/x/inside']) fake.tree.makeCollection(path);
      return false;
    };
    await assert.rejects(writeBytes(store, '/x', 'file'), (error) => isStoreError(error, 'IsADirectory'));
    assert.ok(fake.tree.isCollection('/x/inside'));
    assert.equal(fake.tree.below('', false).length, 1, 'the upload is gone');
  });

  it('give an upload in chunks up when its content is no longer wanted', async () => {
    await using fake = await WebdavFake.start();
    await using store = disposable(new WebdavStore({ url: fake.url, chunkBytes: 5 << 20 }));
    const bytes = sampleBytes(11 << 20);
    let saved: string | undefined;
    const save = (state: string | undefined): void => void (saved = state);
    fake.interfere = (request, response) => {
      if (request.method !== 'PUT' || !request.url?.endsWith('00003')) return false;
      answer(response, 507);
      return true;
    };
    const broken = store.write('/large', bytesSource(bytes), { resume: { save } });
    await assert.rejects(broken, (error) => isStoreError(error, 'QuotaExceeded'));
    assert.equal(fake.uploads.open.length, 1);
    fake.interfere = () => false;
    const obsolete = saved;
    await store.write('/large', bytesSource('small now'), { resume: { obsolete, save } });
    assert.deepEqual(fake.uploads.open, []);
    await store.write('/large', bytesSource(bytes), { resume: { obsolete, save } });
    assert.deepEqual([fake.uploads.open, saved], [[], undefined]);
  });
});

describe('the url of a WebDAV store', () => {
  it('is refused with what is wrong about it', () => {
    for (const [url, message] of [
      ['cloud.example.com/dav', /begins with https/],
      ['ftp://cloud.example.com/', /begins with https/],
      ['https://anna:secret@cloud.example.com/', /settings of their own/],
      ['https://cloud.example.com/?dir=x', /question mark/],
      ['https://', /begins with https/],
    ] as const)
      assert.throws(
        () => new WebdavStore({ url }),
        (error) =>
          isStoreError(error, 'InvalidPath') && message.test(error.message) && !error.message.includes('secret'),
        url,
      );
  });
});
