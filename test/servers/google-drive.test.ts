/** Proves the fake of Google Drive with rclone, which knows one host only, and the store with what rclone has written. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { GoogleDriveStore } from '../../src/providers/google-drive/google-drive-store.ts';
import { readBytes, readText, writeBytes } from '../../src/store/operations.ts';
import { anna } from '../fakes/google-drive/google-drive-fake.ts';
import { type TrialDrive, trialDrive } from '../fakes/google-drive/trial-drive.ts';
import { type HostStandIn, standInFor } from '../fakes/http/host-stand-in.ts';
import { ClientFolder } from './clients/client-folder.ts';
import { notInstalled } from './installed.ts';

const limit = { timeout: 120_000 };
const host = 'www.googleapis.com';
const scope = 'https://www.googleapis.com/auth/drive';
const hostileNames = [
  'a b+c',
  '%41',
  'q?#&=;',
  'ünïcödé 🎉',
  '"<\'>',
  "it's",
  'x..',
  '-rf',
  '(a)[b]{c}',
  'back\\slash',
];

describe('rclone and Google Drive', { ...limit, skip: notInstalled('rclone') }, () => {
  let trial: TrialDrive;
  let standIn: HostStandIn;
  let folder: ClientFolder;
  let store: GoogleDriveStore;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    trial = await trialDrive();
    trial.fake.disk.addresses = `https://${host}`;
    standIn = await standInFor(host, trial.fake.origin);
    folder = await ClientFolder.make('google-drive');
    store = trial.open();
    const access_token = trial.fake.accounts.issueToken(anna, [scope]);
    const token = { access_token, token_type: 'Bearer', refresh_token: 'none', expiry: '2100-01-01T00:00:00Z' };
    const keys = `type = drive\nclient_id = id\nclient_secret = secret\nscope = drive\ntoken = ${JSON.stringify(token)}\n`;
    const text = `[drive]\n${keys}\n[whole]\n${keys}use_trash = false\n`;
    const config = await folder.file('rclone.conf', text);
    env = { ...standIn.environment, RCLONE_CONFIG: config, RCLONE_RETRIES: '1', RCLONE_LOW_LEVEL_RETRIES: '2' };
  });
  after(async () => {
    await store.close();
    await folder[Symbol.asyncDispose]();
    await standIn[Symbol.asyncDispose]();
    await trial[Symbol.asyncDispose]();
  });

  const rclone = (...args: string[]): Promise<string> => folder.text('rclone', args, { env });
  const uploads = (): number => trial.fake.requests.filter(({ path }) => path.startsWith('/upload/')).length;

  it('rclone copies files in, lists and reads them, and we do, too', limit, async () => {
    await folder.run('mkdir', ['-p', 'source/deep/er', 'ours']);
    // From 8 MiB on rclone uploads in a session, piece by piece.
    await folder.file('source/large', randomBytes(20 << 20));
    await folder.file('source/deep/er/small', 'small');
    await folder.file('source/deep/empty', '');
    for (const name of hostileNames) await folder.file(`source/${name}`, name);
    await rclone('copy', 'source', 'drive:files');
    await rclone('check', '--download', 'source', 'drive:files');
    const listed = (await rclone('lsf', '-R', '--files-only', 'drive:files')).trimEnd().split('\n').sort();
    const ours = await Array.fromAsync(store.list('/files', { recursive: true }));
    const files = ours.filter(({ kind }) => kind === 'file').map(({ path }) => path.slice('/files/'.length));
    assert.deepEqual(files.sort(), listed);
    for (const name of hostileNames) assert.equal(await readText(store, `/files/${name}`), name);
    assert.equal((await readBytes(store, '/files/large')).length, 20 << 20);
    assert.deepEqual([...standIn.asked], [`${host}:443`]);
  });

  it('rclone and we export documents to the same files', limit, async () => {
    const folder = trial.make('documents');
    for (const [kind, ending] of Object.entries({ document: 'docx', spreadsheet: 'xlsx', presentation: 'pptx' })) {
      const described = { name: `a ${kind}`, mimeType: `application/vnd.google-apps.${kind}`, parents: [folder.id] };
      trial.fake.disk.edit(trial.fake.disk.create(described, undefined, true), `text of a ${kind}`);
      const theirs = await rclone('cat', `drive:documents/a ${kind}.${ending}`);
      const ours = trial.open({ exportAs: ['docx', 'xlsx', 'pptx'] });
      assert.equal(theirs, await readText(ours, `/documents/a ${kind}.${ending}`));
      assert.match(theirs, new RegExp(`text of a ${kind}$`));
    }
  });

  it('rclone reads what we write, with its time', limit, async () => {
    const modified = Date.UTC(2001, 1, 3, 4, 5, 6, 789);
    for (const name of hostileNames) await writeBytes(store, `/ours/${name}`, `by us: ${name}`, { modified });
    await writeBytes(store, '/ours/empty', '');
    const large = randomBytes(20 << 20);
    await writeBytes(store, '/ours/large', large);
    for (const name of hostileNames) assert.equal(await rclone('cat', `drive:ours/${name}`), `by us: ${name}`);
    assert.equal(await rclone('cat', '--offset', '3', '--count', '2', 'drive:ours/%41'), 'us');
    assert.match(await rclone('lsf', '--format', 'pt', 'drive:ours/%41'), /2001-02-03 /);
    await folder.file('ours/large', large);
    await rclone('check', 'ours', 'drive:ours', '--one-way', '--include', '/large');
  });

  it('rclone renames, moves and copies at the service', limit, async () => {
    await writeBytes(store, '/from/a/file', 'content');
    const before = uploads();
    await rclone('moveto', 'drive:from/a/file', "drive:from/b/it's renamed");
    await rclone('copyto', "drive:from/b/it's renamed", 'drive:from/copy');
    await rclone('moveto', 'drive:from', 'drive:to');
    assert.equal(uploads(), before);
    assert.equal(await readText(store, "/to/b/it's renamed"), 'content');
    assert.equal(await readText(store, '/to/copy'), 'content');
    await assert.rejects(store.stat('/from'));
  });

  it('rclone deletes into the trash, and for good', limit, async () => {
    await writeBytes(store, '/going/file', 'content');
    await writeBytes(store, '/going/other', 'content');
    const { disk } = trial.fake;
    const named = (name: string): boolean[] =>
      [...disk.files.values()]
        .filter((file) => disk.resource(file)['name'] === name)
        .map((file) => disk.isTrashed(file));
    await rclone('deletefile', 'drive:going/file');
    await rclone('deletefile', 'whole:going/other');
    assert.deepEqual([named('other'), await Array.fromAsync(store.list('/going'))], [[], []]);
    assert.ok(named('file').includes(true));
    await rclone('purge', 'drive:going');
    await assert.rejects(store.stat('/going'));
  });

  it('rclone sees how much is used', limit, async () => {
    const { used, trashed } = JSON.parse(await rclone('about', '--json', 'drive:')) as {
      used: number;
      trashed: number;
    };
    assert.equal(used, (await store.usage()).used);
    assert.equal(trashed, 'content'.length);
  });
});
