import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { at, type DropboxTrial, trialDropbox } from '../../../test/fakes/dropbox/dropbox-trial.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readBytes, readText, writeBytes } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import { beginDropboxLogin, finishDropboxLogin } from './dropbox-login.ts';

const limit = { timeout: 60_000 };

const failsWith =
  (code: StoreErrorCode) =>
  (error: unknown): boolean =>
    isStoreError(error, code);

const session = 'files/upload_session';

/** Chooses moves that come when so many came before. */
const afterMoves =
  ({ asked }: DropboxTrial, before: number) =>
  (request: { readonly rawPath: string }): boolean =>
    at('files/move_v2')(request) && asked('files/move_v2') >= before;

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

  it(
    'go on with the session of a large file in another life, and begin anew where Dropbox has lost it',
    limit,
    async () => {
      await using trial = await trialDropbox();
      const content = Buffer.alloc(33 << 20, 'some content. ');
      let saved: string | undefined;
      const save = (state: string | undefined): void => void (saved = state);
      const write = () => trial.store.write('/large', bytesSource(content), { resume: { saved, save } });
      for (const isLost of [false, true]) {
        const finish = at('files/upload_session/finish');
        trial.fake.faults.add({ when: finish, answer: { status: 503 }, times: 5 });
        await assert.rejects(write(), failsWith('Unavailable'));
        if (isLost) trial.fake.sessions.clear();
        const [started, appended] = [trial.asked(`${session}/start`), trial.asked(`${session}/append_v2`)];
        await write();
        assert.equal(saved, undefined);
        const sent = [trial.asked(`${session}/start`) - started, trial.asked(`${session}/append_v2`) - appended];
        assert.deepEqual(sent, isLost ? [1, 3] : [0, 0]);
        assert.ok(content.equals(await readBytes(trial.store, '/large')));
        await trial.store.delete('/large');
      }
    },
  );

  it('notice that what another life has sent of a large file is not this file', limit, async () => {
    await using trial = await trialDropbox();
    let saved: string | undefined;
    const save = (state: string | undefined): void => void (saved = state);
    for (const size of [17 << 20, 41 << 20]) {
      const content = Buffer.alloc(size, 'some content. ');
      const write = () => trial.store.write('/large', bytesSource(content), { resume: { saved, save } });
      trial.fake.faults.add({ when: at(`${session}/finish`), answer: { status: 503 }, times: 5 });
      await assert.rejects(write(), failsWith('Unavailable'));
      for (const kept of trial.fake.sessions.values()) if (kept.length > 0) kept[0] = 0;
      for (const parts of trial.fake.concurrent.values()) for (const part of parts.values()) part[0] = 0;
      await assert.rejects(write(), failsWith('Corrupt'));
      await write();
      assert.ok(content.equals(await readBytes(trial.store, '/large')));
    }
  });

  for (const operation of ['append_v2', 'finish'])
    it(`believe Dropbox when it has more of a file than was told, at ${operation}`, limit, async () => {
      await using trial = await trialDropbox();
      const content = Buffer.alloc(17 << 20, 'some content. ');
      trial.fake.faults.add({
        when: (request) => {
          if (!at(`${session}/${operation}`)(request)) return false;
          for (const [id, kept] of trial.fake.sessions)
            trial.fake.sessions.set(id, content.subarray(0, Math.min(content.length, kept.length + (4 << 20))));
          return true;
        },
      });
      await writeBytes(trial.store, '/large', content);
      assert.ok(content.equals(await readBytes(trial.store, '/large')));
      assert.equal(trial.asked(`${session}/start`), 1);
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
    const moves = trial.asked('files/move_v2');
    trial.fake.faults.add({ when: afterMoves(trial, moves + 1), answer: { status: 404 }, times: 5 });
    await assert.rejects(trial.store.move('/name', '/other'));
    assert.equal(trial.fake.faults.left, 0);
    assert.equal(await readText(trial.store, '/other'), 'other');
  });

  it(
    'leave both files where a replacement is broken off for good, and nothing aside where it is not',
    limit,
    async () => {
      await using trial = await trialDropbox();
      await writeBytes(trial.store, '/d/name', 'content');
      await writeBytes(trial.store, '/d/other', 'other');
      const contents = () => Array.fromAsync(trial.store.list('/d'), ({ path }) => readText(trial.store, path));
      trial.fake.faults.add({ when: afterMoves(trial, 1), answer: { status: 503 }, times: 10 });
      await assert.rejects(trial.store.move('/d/name', '/d/other'));
      assert.equal(trial.fake.faults.left, 0);
      assert.deepEqual((await contents()).sort(), ['content', 'other']);
      await writeBytes(trial.store, '/e/name', 'content');
      for (const target of ['/e/moved', '/e/copied']) await writeBytes(trial.store, target, 'replaced');
      trial.fake.faults.add({ when: at('files/move_v2'), loseAnswer: true });
      await trial.store.copy('/e/name', '/e/copied');
      await trial.store.move('/e/name', '/e/moved');
      const left = await Array.fromAsync(trial.store.list('/e'), ({ path }) => path);
      assert.deepEqual(left.sort(), ['/e/copied', '/e/moved']);
      assert.equal(await readText(trial.store, '/e/moved'), 'content');
    },
  );

  it('replace no version that came after the look at it', limit, async () => {
    await using trial = await trialDropbox();
    for (const name of ['/name', '/other']) await writeBytes(trial.store, name, name);
    trial.fake.faults.add({
      when: (request) => {
        if (!at('files/move_v2')(request)) return false;
        trial.fake.disk.write({ path: '/other', mode: 'overwrite' }, Buffer.from('theirs'));
        return true;
      },
    });
    await assert.rejects(trial.store.move('/name', '/other'), failsWith('Conflict'));
    assert.deepEqual(await Promise.all(['/name', '/other'].map((name) => readText(trial.store, name))), [
      '/name',
      'theirs',
    ]);
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
