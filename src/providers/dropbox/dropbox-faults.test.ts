import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { DropboxFake } from '../../../test/fakes/dropbox/dropbox-fake.ts';
import { HttpClient } from '../../http/http-client.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readBytes, readText, writeBytes } from '../../store/operations.ts';
import { beginDropboxLogin, finishDropboxLogin } from './dropbox-login.ts';
import { DropboxStore } from './dropbox-store.ts';

const limit = { timeout: 60_000 };

const failsWith =
  (code: StoreErrorCode) =>
  (error: unknown): boolean =>
    isStoreError(error, code);

/** A fake and a store on it. */
async function trialDropbox() {
  const fake = await DropboxFake.start();
  const http = new HttpClient();
  const { appKey, appSecret, refreshToken } = fake.logins;
  const store = new DropboxStore({
    appKey,
    appSecret,
    refreshToken,
    endpoint: fake.origin,
    retry: { firstDelay: 1 },
    http,
  });
  return {
    fake,
    store,
    http,
    asked: (operation: string) => fake.requests.filter((request) => request.operation === operation).length,
    async [Symbol.asyncDispose]() {
      await store.close();
      await fake.close();
    },
  };
}

const at =
  (operation: string) =>
  ({ rawPath }: { rawPath: string }) =>
    rawPath === `/2/${operation}`;

describe('requests to Dropbox', () => {
  it('are repeated when they were too many, or answered by a page', limit, async () => {
    await using trial = await trialDropbox();
    await writeBytes(trial.store, '/file', 'content');
    for (const status of [429, 503, 404, 409])
      trial.fake.faults.add({ when: at('files/get_metadata'), answer: { status } });
    assert.equal((await trial.store.stat('/file')).kind, 'file');
    assert.equal(trial.fake.faults.left, 0);
  });

  it('renew an access token that has ended', limit, async () => {
    await using trial = await trialDropbox();
    await writeBytes(trial.store, '/file', 'content');
    trial.fake.logins.expire();
    assert.equal(await readText(trial.store, '/file'), 'content');
  });

  it('say that the login was revoked', limit, async () => {
    await using trial = await trialDropbox();
    trial.fake.logins.refreshToken = 'another';
    await assert.rejects(trial.store.stat('/file'), failsWith('Unauthenticated'));
  });

  it('say that the Dropbox is full, and notice another team space', limit, async () => {
    await using trial = await trialDropbox();
    trial.fake.disk.limit = 3;
    await assert.rejects(writeBytes(trial.store, '/file', 'four'), failsWith('QuotaExceeded'));
    trial.fake.teamSpace = '99';
    await writeBytes(trial.store, '/file', 'abc');
    assert.equal(await readText(trial.store, '/file'), 'abc');
  });

  it('notice what arrives damaged, and go on where a download broke', limit, async () => {
    await using trial = await trialDropbox();
    await writeBytes(trial.store, '/file', 'content');
    trial.fake.faults.add({ when: at('files/download'), corruptDownload: true });
    await assert.rejects(readText(trial.store, '/file'), failsWith('Corrupt'));
    trial.fake.faults.add({ when: at('files/download'), breakDownloadAfter: 3 });
    assert.equal(await readText(trial.store, '/file'), 'content');
  });

  it('send a large file in a session, also when answers are lost', limit, async () => {
    await using trial = await trialDropbox();
    const content = Buffer.alloc(17 << 20, 'some content. ');
    trial.fake.faults.add({ when: at('files/upload_session/append_v2'), loseAnswer: true });
    await writeBytes(trial.store, '/large', content);
    assert.equal(trial.fake.faults.left, 0);
    assert.ok(content.equals(await readBytes(trial.store, '/large')));
    assert.equal(trial.asked('files/upload_session/finish'), 1);
    assert.equal(trial.fake.sessions.size, 0);
  });

  it('list a whole tree page by page, with names as they are written', limit, async () => {
    await using trial = await trialDropbox();
    for (const path of ['/Top/Éa/One', '/Top/Éa/two', '/Top/b']) await writeBytes(trial.store, path, 'x');
    trial.fake.pageEntries = 2;
    const found = await Array.fromAsync(trial.store.list('/top', { recursive: true }));
    assert.deepEqual(found.map(({ path }) => path).sort(), ['/top/b', '/top/Éa', '/top/Éa/One', '/top/Éa/two'].sort());
    assert.equal(trial.asked('files/list_folder/continue'), 2);
  });

  it('rename to another spelling, and put back what a failed move would have replaced', limit, async () => {
    await using trial = await trialDropbox();
    await writeBytes(trial.store, '/name', 'content');
    await trial.store.move('/name', '/NAME');
    assert.deepEqual(
      (await Array.fromAsync(trial.store.list('/'))).map(({ path }) => path),
      ['/NAME'],
    );
    await writeBytes(trial.store, '/other', 'other');
    trial.fake.faults.add({ when: at('files/move_v2'), answer: { status: 404 }, times: 5 });
    await assert.rejects(trial.store.move('/name', '/other'));
    assert.equal(await readText(trial.store, '/other'), 'other');
  });
});

describe('a login at Dropbox', () => {
  it('brings a refresh token and the account, and a code is good once', limit, async () => {
    await using trial = await trialDropbox();
    const { logins, origin } = trial.fake;
    const begun = beginDropboxLogin({ id: logins.appKey });
    const page = new URL(begun.url).searchParams;
    assert.equal(page.get('token_access_type'), 'offline');
    assert.equal(page.get('code_challenge'), createHash('sha256').update(begun.verifier).digest('base64url'));
    logins.codes.set('code', page.get('code_challenge') ?? '');
    const exchange = () =>
      finishDropboxLogin(trial.http, { id: logins.appKey }, { begun, code: 'code' }, { endpoint: origin });
    assert.deepEqual(await exchange(), { refreshToken: logins.refreshToken, account: 'anna@example.com' });
    await assert.rejects(exchange(), failsWith('Unauthenticated'));
  });
});
