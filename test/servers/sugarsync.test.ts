/** Proves the fake of SugarSync with rclone, which knows one host only, and the store with what rclone has written. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { SugarSyncStore } from '../../src/providers/sugarsync/sugarsync-store.ts';
import { readBytes, readText, writeBytes } from '../../src/store/operations.ts';
import { type HostStandIn, standInFor } from '../fakes/http/host-stand-in.ts';
import { SugarSyncFake } from '../fakes/sugarsync/sugarsync-fake.ts';
import { loginOf } from '../fakes/sugarsync/trial-sugar.ts';
import { ClientFolder } from './clients/client-folder.ts';
import { notInstalled } from './installed.ts';

const limit = { timeout: 120_000 };
const host = 'api.sugarsync.com';
const hostileNames = ['a b+c', '%41', 'q?#&=;', 'ünïcödé 🎉', '"<\'>', 'x..', '-rf', '(a)[b]{c}', ']]>', ' & '];

describe('rclone and SugarSync', { ...limit, skip: notInstalled('rclone') }, () => {
  let fake: SugarSyncFake;
  let standIn: HostStandIn;
  let folder: ClientFolder;
  let store: SugarSyncStore;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    fake = await SugarSyncFake.start();
    fake.logins.takesAnyDeveloper = true;
    fake.addresses = `https://${host}`;
    standIn = await standInFor(host, fake.origin);
    folder = await ClientFolder.make('sugarsync');
    store = new SugarSyncStore({ ...loginOf(fake), endpoint: fake.origin, root: 'Magic Briefcase', variables: {} });
    const { accessKeyId, privateAccessKey, application } = fake.logins;
    const { refreshToken } = loginOf(fake);
    const options = {
      type: 'sugarsync',
      app_id: application,
      access_key_id: accessKeyId,
      private_access_key: privateAccessKey,
      refresh_token: refreshToken,
    };
    const lines = (more: object): string =>
      Object.entries({ ...options, ...more })
        .map(([name, value]) => `${name} = ${value}\n`)
        .join('');
    const text = `[soft]\n${lines({})}\n[hard]\n${lines({ hard_delete: 'true' })}`;
    const config = await folder.file('rclone.conf', text);
    env = { ...standIn.environment, RCLONE_CONFIG: config, RCLONE_RETRIES: '1', RCLONE_LOW_LEVEL_RETRIES: '2' };
  });
  after(async () => {
    await store.close();
    await folder[Symbol.asyncDispose]();
    await standIn[Symbol.asyncDispose]();
    await fake.close();
  });

  const rclone = (...args: string[]): Promise<string> => folder.text('rclone', args, { env });
  const at = (path: string): string => `soft:Magic Briefcase/${path}`;

  it('rclone copies files in, lists and reads them, and we do, too', limit, async () => {
    fake.pageEntries = 3;
    await folder.run('mkdir', ['-p', 'source/deep/er']);
    await folder.file('source/large', randomBytes(3 << 20));
    await folder.file('source/deep/er/small', 'small');
    await folder.file('source/deep/empty', '');
    for (const name of hostileNames) await folder.file(`source/${name}`, name);
    await rclone('copy', 'source', at('files'));
    await rclone('check', '--download', 'source', at('files'));
    const listed = (await rclone('lsf', '-R', '--files-only', at('files'))).trimEnd().split('\n').sort();
    const ours = await Array.fromAsync(store.list('/files', { recursive: true }));
    const files = ours.filter(({ kind }) => kind === 'file').map(({ path }) => path.slice('/files/'.length));
    assert.deepEqual(files.sort(), listed);
    for (const name of hostileNames) assert.equal(await readText(store, `/files/${name}`), name);
    assert.equal((await readBytes(store, '/files/large')).length, 3 << 20);
    assert.deepEqual([...standIn.asked], [`${host}:443`]);
  });

  it('rclone reads what we write', limit, async () => {
    for (const name of hostileNames) await writeBytes(store, `/ours/${name}`, `by us: ${name}`);
    await writeBytes(store, '/ours/empty', '');
    for (const name of hostileNames) assert.equal(await rclone('cat', at(`ours/${name}`)), `by us: ${name}`);
    assert.equal(await rclone('cat', '--offset', '3', '--count', '2', at('ours/%41')), 'us');
    await rclone('copyto', 'source/large', at('ours/empty'));
    assert.equal((await readBytes(store, '/ours/empty')).length, 3 << 20);
  });

  it('rclone renames, moves and copies at the service', limit, async () => {
    await writeBytes(store, '/from/a/file', 'content');
    const uploads = fake.count('PUT', '/data');
    await rclone('moveto', at('from/a/file'), at('from/b/& renamed'));
    await rclone('copyto', at('from/b/& renamed'), at('from/copy'));
    await rclone('moveto', at('from'), at('to'));
    assert.equal(fake.count('PUT', '/data'), uploads);
    assert.equal(await readText(store, '/to/b/& renamed'), 'content');
    assert.equal(await readText(store, '/to/copy'), 'content');
    await assert.rejects(store.stat('/from'));
  });

  it('rclone makes sync folders, and deletes softly and for good', limit, async () => {
    await rclone('mkdir', 'soft:New sync folder/inside');
    assert.ok(fake.disk.in(fake.disk.top).some(({ name }) => name === 'New sync folder'));
    await writeBytes(store, '/going/deep/file', 'content');
    await writeBytes(store, '/going/other', 'content');
    const before = fake.disk.in(fake.disk.deleted.ref).length;
    await rclone('deletefile', at('going/other'));
    assert.equal(fake.disk.in(fake.disk.deleted.ref).length, before + 1);
    await rclone('purge', 'hard:Magic Briefcase/going');
    assert.equal(fake.disk.in(fake.disk.deleted.ref).length, before + 1);
    await assert.rejects(store.stat('/going'));
    assert.deepEqual(fake.disk.orphans, []);
  });

  it('rclone gets a refresh token for a password', limit, async () => {
    const { user, password, application, accessKeyId, privateAccessKey, passwords } = fake.logins;
    // What begins with `-` would be a flag.
    let obscured = '-';
    while (obscured.startsWith('-')) obscured = (await rclone('obscure', password)).trim();
    const keys = ['app_id', application, 'access_key_id', accessKeyId, 'private_access_key', privateAccessKey];
    const answers = ['config_username', user, 'config_password', obscured];
    await rclone('config', 'create', 'fresh', 'sugarsync', ...keys, ...answers, '--no-obscure');
    assert.equal(fake.logins.passwords, passwords + 1);
    assert.match(await rclone('lsf', 'fresh:'), /^Magic Briefcase\/$/m);
  });
});
