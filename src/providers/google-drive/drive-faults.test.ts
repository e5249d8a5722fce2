import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anna } from '../../../test/fakes/google-drive/google-drive-fake.ts';
import { trialDrive } from '../../../test/fakes/google-drive/trial-drive.ts';
import { HttpClient } from '../../http/http-client.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import { beginDriveLogin, finishDriveLogin } from './google-drive-login.ts';

const limit = { timeout: 60_000 };

const failsWith =
  (code: StoreErrorCode) =>
  (error: unknown): boolean =>
    isStoreError(error, code);

describe('requests to Drive', () => {
  it('that make something make it once, however often the answer is lost', limit, async () => {
    await using trial = await trialDrive();
    const store = trial.open();
    trial.fake.faults.add({ when: ({ method }) => method === 'POST', loseAnswer: true, times: 3 });
    await store.makeDirectory('/folder');
    trial.fake.faults.add({ when: ({ rawPath }) => rawPath.startsWith('/upload'), loseAnswer: true, times: 2 });
    await writeBytes(store, '/folder/file', 'content');
    trial.fake.faults.add({ when: ({ rawPath }) => rawPath.endsWith('/copy'), loseAnswer: true });
    await store.copy('/folder/file', '/folder/copy');
    assert.equal(trial.fake.faults.left, 0);
    const names = [...trial.fake.disk.files.values()].map(({ name }) => name).filter((name) => name !== 'My Drive');
    assert.deepEqual(names.sort(), ['copy', 'file', 'folder']);
  });

  it('are repeated when they were too many', limit, async () => {
    await using trial = await trialDrive();
    trial.make('file', 'content');
    for (const status of [403, 429, 503])
      trial.fake.faults.add({ when: ({ rawPath }) => rawPath !== '/token', answer: { status } });
    assert.equal(await readText(trial.open(), '/file'), 'content');
    assert.equal(trial.fake.faults.left, 0);
  });

  it('ask for many folders at once', limit, async () => {
    await using trial = await trialDrive();
    for (let index = 0; index < 120; index++) trial.make('file', 'x', trial.make(`folder ${index}`).id);
    const found = await Array.fromAsync(trial.open().list('/', { recursive: true }));
    assert.equal(found.length, 240);
    const lists = trial.fake.requests.filter(({ path, method }) => method === 'GET' && path === '/drive/v3/files');
    assert.equal(lists.length, 4, 'one for the root, three for the folders');
  });

  it('notice what arrives damaged, and take a file that was sent damaged away again', limit, async () => {
    await using trial = await trialDrive();
    const store = trial.open();
    await writeBytes(store, '/file', 'content');
    trial.fake.faults.add({ when: ({ query }) => query.get('alt') === 'media', corruptDownload: true });
    await assert.rejects(readText(store, '/file'), failsWith('Corrupt'));
    trial.fake.faults.add({ when: ({ query }) => query.get('alt') === 'media', breakDownloadAfter: 3 });
    assert.equal(await readText(store, '/file'), 'content');
    trial.fake.disk.damages = 1;
    await assert.rejects(writeBytes(store, '/new', 'content'), failsWith('Corrupt'));
    await assert.rejects(store.stat('/new'), failsWith('NotFound'));
  });

  it('read what the account may only look at', limit, async () => {
    await using trial = await trialDrive();
    trial.make('file', 'content');
    trial.fake.isReader = true;
    assert.equal(await readText(trial.open(), '/file'), 'content');
  });

  it('say that the storage is full', limit, async () => {
    await using trial = await trialDrive();
    trial.fake.disk.limit = 10;
    await assert.rejects(writeBytes(trial.open(), '/file', 'more than ten'), failsWith('QuotaExceeded'));
    assert.deepEqual(await trial.open().usage(), { used: 0, total: 10, account: 'anna@example.com' });
  });

  it('of a shared drive stay in it', limit, async () => {
    await using trial = await trialDrive();
    trial.make('own', 'x');
    trial.make('shared', 'x', trial.fake.disk.sharedDriveId);
    const store = trial.open({ driveId: trial.fake.disk.sharedDriveId });
    assert.deepEqual(
      (await Array.fromAsync(store.list('/'))).map(({ path }) => path),
      ['/shared'],
    );
    await assert.rejects(trial.open({ driveId: 'no such drive' }).stat('/'), failsWith('PermissionDenied'));
  });
});

describe('a login at Google', () => {
  it('brings a refresh token and the account, and a code is good once', limit, async () => {
    await using trial = await trialDrive();
    const { accounts, origin } = trial.fake;
    const consent = accounts.makeConsent(anna);
    const client = { id: consent.clientId, secret: consent.clientSecret };
    const begun = beginDriveLogin(client, 'http://127.0.0.1:4000/');
    const page = new URL(begun.url).searchParams;
    assert.equal(page.get('access_type'), 'offline');
    const challenge = page.get('code_challenge') ?? '';
    accounts.codes.set('code', { consent, challenge, redirect: page.get('redirect_uri') ?? '' });
    const http = new HttpClient();
    const addresses = { tokenUrl: `${origin}/token`, endpoint: origin };
    const login = await finishDriveLogin(http, client, begun, 'code', addresses);
    assert.deepEqual(login, { refreshToken: consent.refreshToken, expires: undefined, account: 'anna@example.com' });
    await assert.rejects(finishDriveLogin(http, client, begun, 'code', addresses), failsWith('Unauthenticated'));
    const { clientId, clientSecret } = consent;
    const credentials = {
      login: { clientId, clientSecret, refreshToken: login.refreshToken, tokenUrl: addresses.tokenUrl },
    };
    assert.equal((await trial.open({ credentials }).stat('/')).kind, 'directory');
    await http.close();
  });
});
