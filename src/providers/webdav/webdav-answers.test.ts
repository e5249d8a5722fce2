/** What servers answer beside what they should: styles, lies, pages of others, broken connections. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DavStyle } from '../../../test/fakes/webdav/dav-style.ts';
import { answer, WebdavFake, type WebdavFakeOptions } from '../../../test/fakes/webdav/webdav-fake.ts';
import { sampleBytes } from '../../conformance/sample-content.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readBytes, readText, writeBytes } from '../../store/operations.ts';
import { WebdavStore } from './webdav-store.ts';

const timeout = 20_000;

async function withFake(
  options: WebdavFakeOptions,
  work: (fake: WebdavFake, store: WebdavStore) => Promise<void>,
): Promise<void> {
  await using fake = await WebdavFake.start(options);
  const store = new WebdavStore({ url: fake.url });
  try {
    await work(fake, store);
  } finally {
    await store.close();
  }
}

async function paths(store: WebdavStore, path = '/', recursive = false): Promise<string[]> {
  return (await Array.fromAsync(store.list(path, { recursive }), (entry) => entry.path)).sort();
}

function failing(code: StoreErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isStoreError(error, code), String(error));
    assert.match(error.message, message);
    return true;
  };
}

const styles: Readonly<Record<string, DavStyle>> = {
  'a prefix of its own': { prefix: 'lp1' },
  'a default namespace': { prefix: '' },
  'no namespace': { prefix: null },
  'addresses instead of paths': {
    href: (path, isCollection) => `http://other.example:81${encodeURI(path)}${isCollection ? '/' : ''}`,
  },
  'small hexadecimal digits and no slashes': {
    href: (path) => path.replace(/[^a-z/]/g, (sign) => encodeURIComponent(sign).toLowerCase()),
  },
  'nothing encoded': { href: (path) => path },
  'another prefix of paths than that of the address': { href: (path) => encodeURI(path.replace('/remote.php', '')) },
};

describe('answers of WebDAV servers', { timeout }, () => {
  for (const [name, style] of Object.entries(styles))
    it(`are understood with ${name}`, async () => {
      await withFake({ style }, async (_fake, store) => {
        const written = await writeBytes(store, '/d/a b', 'content');
        assert.deepEqual(await paths(store), ['/d']);
        assert.deepEqual(await Array.fromAsync(store.list('/d')), [written]);
        assert.deepEqual(await store.stat('/d/a b'), written);
      });
    });

  it('ask once for a whole tree where that is answered', async () => {
    await withFake({ infinity: 'answered' }, async (fake, store) => {
      await writeBytes(store, '/a/b/c', 'x');
      const before = fake.count('PROPFIND');
      assert.deepEqual(await paths(store, '/', true), ['/a', '/a/b', '/a/b/c']);
      assert.equal(fake.count('PROPFIND') - before, 1);
    });
  });

  for (const infinity of ['refused', 'mistaken'] as const)
    it(`are asked for directory by directory where a whole tree is ${infinity}`, async () => {
      await withFake({ infinity }, async (fake, store) => {
        await writeBytes(store, '/a/b/c', 'x');
        await writeBytes(store, '/a/d', 'x');
        for (let round = 0; round < 2; round++)
          assert.deepEqual(await paths(store, '/', true), ['/a', '/a/b', '/a/b/c', '/a/d']);
        const before = fake.count('PROPFIND');
        await paths(store, '/', true);
        assert.equal(fake.count('PROPFIND') - before, 3, 'it is known by then');
      });
    });

  it('are no empty listing when they are a login page', async () => {
    await withFake({}, async (fake, store) => {
      await writeBytes(store, '/file', 'content');
      for (const type of ['text/html', 'application/xml']) {
        fake.interfere = (request, response) => {
          if (request.headers['depth'] !== '1') return false;
          answer(response, 200, { 'content-type': type }, '<html><body>Login</body></html>');
          return true;
        };
        await assert.rejects(paths(store), failing('Unavailable', /WebDAV was expected|a web page/));
      }
      fake.interfere = (request, response) => {
        if (request.headers['depth'] !== '1') return false;
        answer(response, 207, { 'content-type': 'text/xml' }, '<multistatus xmlns="DAV:"></multistatus>');
        return true;
      };
      await assert.rejects(paths(store), failing('Unavailable', /a listing of something else/));
    });
  });

  it('hold failures though they are 207', async () => {
    await withFake({}, async (fake, store) => {
      await writeBytes(store, '/d/file', 'content');
      const locked = '<response><href>/d/file</href><status>HTTP/1.1 403 Forbidden</status></response>';
      fake.interfere = (request, response) => {
        if (request.method !== 'DELETE') return false;
        answer(response, 207, { 'content-type': 'text/xml' }, `<multistatus xmlns="DAV:">${locked}</multistatus>`);
        return true;
      };
      await assert.rejects(store.delete('/d', { recursive: true }), failing('PermissionDenied', /403/));
    });
  });

  it('that break off are asked for again, and a file that changed meanwhile is not mixed', async () => {
    await withFake({}, async (fake, store) => {
      const content = sampleBytes(1 << 20);
      await writeBytes(store, '/file', content);
      let breaks = 0;
      fake.interfere = (request, response) => {
        const { bytes, etag = '' } = fake.tree.nodes.get('/file') ?? {};
        if (request.method !== 'GET' || bytes === undefined || breaks >= 2) return false;
        const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
        const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
        const time = { 'last-modified': new Date(fake.tree.nodes.get('/file')?.modified ?? 0).toUTCString() };
        const headers = { etag, ...time, ...(start > 0 ? range : {}), 'content-length': bytes.length - start };
        response.writeHead(start > 0 ? 206 : 200, headers);
        response.write(bytes.subarray(start, start + 100_000), () => setTimeout(() => response.destroy(), 50));
        breaks++;
        return true;
      };
      assert.equal(Buffer.compare(await readBytes(store, '/file'), content), 0);
      breaks = 1;
      const { body } = await store.read('/file');
      fake.tree.put('/file', Buffer.from(content).fill(1));
      await assert.rejects(Array.fromAsync(body), failing('Unavailable', /changed while it was being read/));
    });
  });

  it('that ignore ranges are cut, and the capability ends', async () => {
    await withFake({ ranges: false }, async (_fake, store) => {
      await writeBytes(store, '/file', '0123456789');
      assert.equal(store.capabilities.rangedReads, true);
      assert.equal(Buffer.from(await readBytes(store, '/file', { offset: 3, length: 4 })).toString(), '3456');
      assert.equal(store.capabilities.rangedReads, false);
    });
  });

  it('that ask for patience get it', async () => {
    await withFake({}, async (fake, store) => {
      await writeBytes(store, '/file', 'content');
      let refusals = 2;
      fake.interfere = (_request, response) => {
        if (refusals-- <= 0) return false;
        answer(response, 503, { 'retry-after': '0' });
        return true;
      };
      assert.equal(await readText(store, '/file'), 'content');
    });
  });

  it('tell the quota', async () => {
    await withFake({}, async (_fake, store) => {
      await writeBytes(store, '/file', 'content');
      assert.deepEqual(await store.usage(), { used: 7, total: 1007, account: undefined });
    });
  });
});
