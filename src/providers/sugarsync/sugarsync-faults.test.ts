import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultTarget } from '../../../test/fakes/google-storage/fault-switch.ts';
import { trialSugar } from '../../../test/fakes/sugarsync/trial-sugar.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import { sugarTokenGrant } from './sugar-tokens.ts';

const limit = { timeout: 60_000 };
const impatient = { attempts: 2, firstDelay: 1 };

const failsWith =
  (code: StoreErrorCode, words: RegExp = /(?:)/) =>
  (error: unknown): boolean =>
    isStoreError(error, code) && words.test(error.message);

const at =
  (method: string, end: RegExp) =>
  (request: FaultTarget): boolean =>
    request.method === method && end.test(request.rawPath);

describe('a file of SugarSync that was made and never filled', () => {
  it('is none, and is filled by whoever writes under its name', limit, async () => {
    await using trial = await trialSugar();
    const { disk, faults } = trial.fake;
    const store = trial.open({ retry: impatient });
    faults.add({ when: at('PUT', /\/data$/), answer: { status: 503 }, times: 2 });
    await assert.rejects(writeBytes(store, '/directory/file', 'content'), failsWith('Unavailable'));
    const [directory] = disk.in(disk.briefcase.ref);
    assert.equal(disk.in(directory?.ref ?? '').length, 1, 'the fault came too early');
    const restarted = trial.open();
    await assert.rejects(restarted.stat('/directory/file'), failsWith('NotFound'));
    assert.deepEqual(await Array.fromAsync(restarted.list('/directory')), []);
    await writeBytes(restarted, '/directory/file', 'other', { ifRevision: null });
    assert.equal(await readText(restarted, '/directory/file'), 'other');
    assert.equal(disk.in(directory?.ref ?? '').length, 1);
  });

  it('keeps no directory from being deleted, and no other file from its place', limit, async () => {
    for (const deletePermanently of [false, true]) {
      await using trial = await trialSugar();
      const { disk } = trial.fake;
      const store = trial.open({ deletePermanently });
      await store.makeDirectory('/directory');
      const [directory] = disk.in(disk.briefcase.ref);
      disk.makeFile(directory?.ref ?? '', 'Unfinished', 'text/plain');
      disk.makeFile(disk.briefcase.ref, 'place', 'text/plain');
      await writeBytes(store, '/file', 'content');
      await store.move('/file', '/place');
      assert.equal(await readText(store, '/place'), 'content');
      await store.makeDirectory('/directory/unfinished');
      await store.delete('/directory/unfinished');
      await store.delete('/directory');
      assert.deepEqual(disk.orphans, []);
      assert.deepEqual(
        disk.in(disk.briefcase.ref).map(({ name }) => name),
        ['place'],
      );
    }
  });

  it('is not what another computer is still sending: that is shown, and cannot be read yet', limit, async () => {
    await using trial = await trialSugar();
    const { disk } = trial.fake;
    disk.makeFile(disk.briefcase.ref, 'coming', 'text/plain').pending = 7;
    const store = trial.open({ retry: impatient });
    assert.equal((await Array.fromAsync(store.list('/'))).length, 1);
    await assert.rejects(readText(store, '/coming'), failsWith('Unavailable', /another computer/));
  });
});

describe('requests to SugarSync', () => {
  it('make, move and delete once, however often the answer is lost', limit, async () => {
    for (const takesDuplicates of [false, true]) {
      await using trial = await trialSugar();
      const { disk, faults } = trial.fake;
      disk.takesDuplicates = takesDuplicates;
      const store = trial.open();
      faults.add({ when: at('POST', /^\/folder/), loseAnswer: true, times: 2 });
      await writeBytes(store, '/folder/file', 'content');
      faults.add({ when: at('POST', /^\/folder/), loseAnswer: true });
      await store.copy('/folder/file', '/folder/copy');
      faults.add({ when: at('PUT', /^\/f/), loseAnswer: true, times: 3 });
      await store.move('/folder/copy', '/moved');
      await writeBytes(store, '/moved', 'replaced');
      await trial.open({ deletePermanently: true }).delete('/folder', { recursive: true });
      assert.equal(faults.left, 0);
      assert.deepEqual(
        disk.in(disk.briefcase.ref).map(({ name }) => name),
        ['moved'],
      );
      assert.equal(await readText(store, '/moved'), 'replaced');
      assert.deepEqual(disk.orphans, []);
    }
  });

  it('leave the old version where the new one does not arrive', limit, async () => {
    await using trial = await trialSugar();
    const store = trial.open({ retry: impatient });
    const before = await writeBytes(store, '/file', 'old');
    trial.fake.faults.add({ when: at('PUT', /\/data$/), breakUploadAfter: 1000, times: 2 });
    await assert.rejects(writeBytes(store, '/file', 'x'.repeat(500_000)), failsWith('Unavailable'));
    assert.equal(trial.fake.faults.left, 0);
    assert.deepEqual(await store.stat('/file'), before);
    assert.equal(await readText(store, '/file'), 'old');
  });

  it('are repeated when they were too many, and tell the reason of a refusal', limit, async () => {
    await using trial = await trialSugar();
    const { faults } = trial.fake;
    const store = trial.open();
    await writeBytes(store, '/file', 'content');
    for (const status of [429, 500, 503, 509]) faults.add({ when: at('GET', /^\/file/), answer: { status } });
    assert.equal(await readText(store, '/file'), 'content');
    assert.equal(faults.left, 0);
    faults.add({ when: at('PUT', /^\/file/), answer: { status: 400 } });
    await assert.rejects(store.move('/file', '/other'), failsWith('Unsupported', /400 Injected\./));
    trial.fake.disk.limit = 10;
    await assert.rejects(writeBytes(store, '/large', 'x'.repeat(20)), failsWith('QuotaExceeded', /full/));
    await assert.rejects(writeBytes(trial.open({ maxFileSize: 3 }), '/large', 'four'), failsWith('TooLarge'));
  });

  it('go on where a download broke, and never mix two versions', limit, async () => {
    await using trial = await trialSugar();
    const { disk, faults } = trial.fake;
    const store = trial.open();
    await writeBytes(store, '/file', 'content');
    faults.add({ when: at('GET', /\/data$/), breakDownloadAfter: 3 });
    assert.equal(await readText(store, '/file'), 'content');
    assert.equal(faults.left, 0);
    faults.add({ when: at('GET', /\/data$/), breakDownloadAfter: 3 });
    const { body } = await store.read('/file');
    const [file] = disk.in(disk.briefcase.ref);
    disk.put(file?.ref ?? '', Buffer.from('CONTENT'));
    await assert.rejects(Array.fromAsync(body), failsWith('Corrupt'));
  });

  it('go to the configured service alone, whatever addresses it tells', limit, async () => {
    await using trial = await trialSugar();
    trial.fake.addresses = 'https://elsewhere.example';
    const { accessKeyId, privateAccessKey } = trial.fake.logins;
    const refreshToken = trial.fake.logins.makeRefreshToken(trial.fake.addresses);
    const store = trial.open({ accessKeyId, privateAccessKey, refreshToken });
    await writeBytes(store, '/a/file', 'content');
    await store.move('/a/file', '/b/file');
    await store.copy('/b', '/c');
    assert.equal(await readText(store, '/c/file'), 'content');
  });
});

describe('access tokens of SugarSync', () => {
  it('are asked for once by many calls, and again when they have ended or are about to', limit, async () => {
    await using trial = await trialSugar();
    const { fake } = trial;
    const store = trial.open();
    await Promise.all(Array.from({ length: 20 }, () => store.stat('/')));
    assert.equal(fake.count('POST', '/authorization'), 1);
    fake.logins.expire();
    fake.logins.lifetime = 59_000;
    await store.stat('/');
    assert.equal(fake.count('POST', '/authorization'), 2);
    const refused = fake.requests.filter(({ status }) => status === 401).length;
    await store.stat('/');
    assert.equal(fake.count('POST', '/authorization'), 3);
    assert.equal(fake.requests.filter(({ status }) => status === 401).length, refused);
  });

  it('say that the login was revoked, and nothing secret', limit, async () => {
    await using trial = await trialSugar();
    const { logins } = trial.fake;
    const [secret = ''] = [...logins.refreshTokens];
    logins.refreshTokens.clear();
    await assert.rejects(trial.open({ refreshToken: 'https://revoked.example/1' }).stat('/'), (error) => {
      const told = `${String(error)} ${String((error as Error).cause)}`;
      assert.ok(failsWith('Unauthenticated', /log in again/)(error), told);
      for (const text of [secret, logins.privateAccessKey, 'revoked.example'])
        assert.ok(text === '' || !told.includes(text), told);
      return true;
    });
  });

  it('last as long as the service says by its own clock', limit, async () => {
    const send = async () => ({
      status: 201,
      headers: { location: 'https://api.example/authorization/1', date: 'Wed, 28 Mar 2012 19:29:00 GMT' },
      body: {
        text: async () =>
          '<authorization><expiration>2012-03-28T13:29:00.000-07:00</expiration><user>u</user></authorization>',
      },
    });
    const keys = { accessKeyId: 'id', privateAccessKey: 'key' };
    const grant = sugarTokenGrant({ http: { send } as never, origin: 'https://api.example' }, keys, 'token');
    const left = (await grant({})).expires - Date.now();
    assert.ok(left > 3_500_000 && left <= 3_600_000, String(left));
  });
});
