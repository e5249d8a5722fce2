/** The command over the fake of Google Cloud Storage: what programs keep there, and what is refused with which words. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { storageScope } from '../../src/providers/gcs/google-storage-store.ts';
import { GoogleStorageFake, owner } from '../fakes/google-storage/google-storage-fake.ts';
import { CommandLine } from '../mount/command-line.ts';
import { withoutFuse } from '../mount/mounted.ts';
import { runShell } from '../mount/run-program.ts';
import { RcloneClient } from './clients/rclone-client.ts';
import { notInstalled } from './installed.ts';

type Settings = Readonly<Record<string, string>>;

const limit = { timeout: 120_000 };
const skip = withoutFuse || notInstalled('rclone');
const tree = `mkdir -p data/a data/empty 'data/with space/日本 🎉'
echo hello > 'data/a/100% + &=#?.txt'
echo deep > "data/with space/日本 🎉/it's \\"quoted\\""
head -c 20000000 /dev/urandom > data/a/large
touch data/a/nothing
for i in $(seq 50); do echo $i > data/with\\ space/$i; done`;

let fake: GoogleStorageFake;
let account: Record<string, string>;
let hmac: { readonly id: string; readonly secret: string };

before(async () => {
  fake = await GoogleStorageFake.start();
  account = fake.accounts.makeServiceAccount(owner, fake.origin);
  hmac = fake.accounts.makeHmacKey(owner);
});
after(() => fake.close());

describe('the command over Google Cloud Storage', { ...limit, skip }, () => {
  let cli: CommandLine;
  beforeEach(async () => {
    cli = await CommandLine.make();
    await writeFile(join(cli.directory, 'key.json'), JSON.stringify(account), { mode: 0o600 });
  });
  afterEach(() => cli[Symbol.asyncDispose]());

  async function configure(settings: Settings): Promise<string> {
    const lines = Object.entries({ endpoint: fake.origin, ...settings }).map(([key, value]) => `${key} = ${value}\n`);
    const file = join(cli.directory, 'google.ini');
    await writeFile(file, `[store]\nname = Google Storage\ncache = 3600\n[auth]\n${lines.join('')}`);
    return file;
  }

  const logins: Readonly<Record<string, () => Settings>> = {
    'a service account': () => ({ service_account_file: 'key.json', bucket_name: 'by-account' }),
    'an HMAC key': () => ({ client_id: hmac.id, client_secret: hmac.secret, bucket_name: 'by-key' }),
  };

  for (const [login, settings] of Object.entries(logins)) {
    it(`keeps with ${login} what programs write, as rclone sees it, and has it again later`, limit, async () => {
      const { bucket_name: bucket = '' } = settings();
      await cli.ok('mount', '--config', await configure(settings()), cli.mountPoint);
      await runShell(tree, cli.mountPoint);
      await cli.ok('sync', cli.mountPoint);
      const sums = 'find . -type f -exec sha256sum {} + | LC_ALL=C sort -k2';
      const written = await runShell(sums, join(cli.mountPoint, 'data'));
      await cli.ok('stop', cli.mountPoint);

      const accessToken = fake.accounts.issueToken(owner, [storageScope]);
      const remote = { kind: 'gcs', endpoint: `${fake.origin}/storage/v1/`, accessToken } as const;
      await using rclone = await RcloneClient.make(remote, { encoding: 'None' });
      const copy = join(cli.directory, 'copy');
      await rclone.run('copy', `remote:${bucket}`, copy);
      assert.equal(await runShell(sums, copy), written);

      await rm(join(cli.directory, '.cache'), { recursive: true });
      await cli.ok('mount', '--config', await configure(settings()), cli.mountPoint);
      assert.equal(await runShell(sums, join(cli.mountPoint, 'data')), written);
      assert.ok(existsSync(join(cli.mountPoint, 'data/empty')));
      await runShell("rm -r 'data/with space' && mv data/a data/b", cli.mountPoint);
      await cli.ok('sync', cli.mountPoint);
      await cli.ok('stop', cli.mountPoint);
      const left = (await rclone.list(bucket, { recursive: true })).filter(({ kind }) => kind === 'file');
      assert.deepEqual(left.map(({ path }) => path).sort(), ['b/100% + &=#?.txt', 'b/large', 'b/nothing']);
    });
  }

  const mistakes: readonly (readonly [string, () => Settings, RegExp])[] = [
    [
      'a wrong secret',
      () => ({ ...hmac, secret: 'wrong', bucket_name: 'by-key' }),
      /the secret does not belong to this access key/,
    ],
    [
      'an unknown key',
      () => ({ ...hmac, id: 'GOOG1EX', bucket_name: 'by-key' }),
      /does not know this access key; check `id`/,
    ],
    [
      'no key file',
      () => ({ service_account_file: 'absent.json' }),
      /absent\.json of `service_account_file` cannot be read/,
    ],
    [
      'a missing bucket',
      () => ({ service_account_file: 'key.json', bucket_name: 'missing', create_bucket: 'no' }),
      /there is no such bucket; check `bucket_name`/,
    ],
    [
      'a forbidden name',
      () => ({ service_account_file: 'key.json', bucket_name: 'google-bucket' }),
      /does not allow this name of a bucket/,
    ],
    ['no service', () => ({ ...hmac, endpoint: 'http://127.0.0.1:9' }), /refuses connections/],
  ];
  for (const [mistake, settings, sentence] of mistakes) {
    it(`says what to change for ${mistake}, and mounts nothing`, limit, async () => {
      const { status, errors } = await cli.run(['mount', '--config', await configure(settings()), cli.mountPoint]);
      assert.notEqual(status, 0);
      assert.match(errors, sentence);
      assert.doesNotMatch(errors, /\n {4}at |PRIVATE KEY/);
    });
  }
});
