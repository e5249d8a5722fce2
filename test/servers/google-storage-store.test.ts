/** What the store of Google Cloud Storage writes, rclone reads, and the other way round: names, sizes, contents and times. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import {
  type GoogleCredentials,
  GoogleStorageStore,
  storageScope,
} from '../../src/providers/gcs/google-storage-store.ts';
import { parseServiceAccountKey } from '../../src/providers/google/service-account.ts';
import { readBytes, readText, writeBytes } from '../../src/store/operations.ts';
import type { FileEntry } from '../../src/store/store.ts';
import { GoogleStorageFake, owner } from '../fakes/google-storage/google-storage-fake.ts';
import { RcloneClient } from './clients/rclone-client.ts';
import { notInstalled } from './installed.ts';

const limit = { timeout: 120_000 };
const mebibyte = 1 << 20;
const hostileNames = [
  'a b+c',
  '%41',
  'q?#&=;',
  'ünïcödé 🎉',
  '"<\'>',
  'x..',
  '-rf',
  '(a)[b]{c}',
  '$folder$',
  'e\u0301',
];
const modified = Date.UTC(2001, 1, 3, 4, 5, 6, 789);

let fake: GoogleStorageFake;
let rclone: RcloneClient;
let credentials: Readonly<Record<'JSON' | 'XML', GoogleCredentials>>;

describe('the store of Google Cloud Storage and rclone agree', { ...limit, skip: notInstalled('rclone') }, () => {
  before(async () => {
    fake = await GoogleStorageFake.start();
    fake.cloud.makeBucket('shared', owner.project);
    const account = JSON.stringify(fake.accounts.makeServiceAccount(owner, fake.origin));
    credentials = {
      JSON: { serviceAccount: parseServiceAccountKey(account, 'key.json') },
      XML: { hmac: fake.accounts.makeHmacKey(owner) },
    };
    const accessToken = fake.accounts.issueToken(owner, [storageScope]);
    const endpoint = `${fake.origin}/storage/v1/`;
    rclone = await RcloneClient.make(
      { kind: 'gcs', endpoint, accessToken, project: owner.project },
      { encoding: 'None' },
    );
  });
  after(async () => {
    await rclone[Symbol.asyncDispose]();
    await fake.close();
  });

  for (const api of ['JSON', 'XML'] as const) {
    describe(`over the ${api} API`, () => {
      let store: GoogleStorageStore;
      before(() => {
        store = new GoogleStorageStore({
          bucket: 'shared',
          root: api,
          credentials: credentials[api],
          endpoint: fake.origin,
        });
      });
      after(() => store.close());

      it('on what the store writes', limit, async () => {
        for (const name of hostileNames) await writeBytes(store, `/ours/${name}`, name, { modified });
        const large = randomBytes(20 * mebibyte);
        await writeBytes(store, '/ours/large', large, { modified });
        const listed = await rclone.list(`shared/${api}/ours`);
        assert.deepEqual(listed.map(({ path }) => path).sort(), [...hostileNames, 'large'].sort());
        for (const { path, size, modified: time } of listed) {
          assert.equal(size, path === 'large' ? large.length : Buffer.byteLength(path));
          assert.equal(time?.getTime(), modified, path);
        }
        for (const name of hostileNames)
          assert.equal((await rclone.cat(`shared/${api}/ours/${name}`)).toString(), name);
        assert.deepEqual(await rclone.cat(`shared/${api}/ours/large`), large);
      });

      it('on what rclone writes', limit, async () => {
        for (const name of hostileNames) await rclone.write(`shared/${api}/theirs/${name}`, name);
        const large = randomBytes(20 * mebibyte);
        await rclone.write(`shared/${api}/theirs/large`, large);
        const entries = await Array.fromAsync(store.list('/theirs'));
        assert.deepEqual(
          entries.map(({ path }) => path).sort(),
          [...hostileNames, 'large'].map((name) => `/theirs/${name}`).sort(),
        );
        for (const name of hostileNames) assert.equal(await readText(store, `/theirs/${name}`), name);
        assert.ok(Buffer.from(await readBytes(store, '/theirs/large')).equals(large));
        const told = await rclone.list(`shared/${api}/theirs`);
        const { modified: time } = (await store.stat('/theirs/large')) as FileEntry;
        assert.equal(time, told.find(({ path }) => path === 'large')?.modified?.getTime());
      });

      it('on what is moved and deleted', limit, async () => {
        await store.move('/ours', '/moved');
        await store.delete('/theirs', { recursive: true });
        const listed = await rclone.list(`shared/${api}`, { recursive: true });
        const files = listed.filter(({ kind }) => kind === 'file').map(({ path }) => path);
        assert.deepEqual(files.sort(), [...hostileNames, 'large'].map((name) => `moved/${name}`).sort());
      });
    });
  }
});
