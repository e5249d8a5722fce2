/** What a user gets to read when a setting is wrong: each mistake has a sentence of its own that names what to change. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { GoogleStorageFake, owner } from '../../../test/fakes/google-storage/google-storage-fake.ts';
import { HttpClient } from '../../http/http-client.ts';
import { Traffic } from '../../http/traffic.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import { openGoogleStorage } from './google-settings.ts';
import { type GoogleCredentials, GoogleStorageStore } from './google-storage-store.ts';

type Settings = Readonly<Record<string, string>>;

const limit = { timeout: 30_000 };
const environment = { variables: {}, traffic: new Traffic() };

let fake: GoogleStorageFake;
let folder: string;
let account: Record<string, string>;
let hmac: { readonly id: string; readonly secret: string };

before(async () => {
  fake = await GoogleStorageFake.start();
  folder = mkdtempSync(join(tmpdir(), 'google-settings-'));
  account = fake.accounts.makeServiceAccount(owner, fake.origin);
  hmac = fake.accounts.makeHmacKey(owner);
  fake.cloud.makeBucket('present', owner.project);
  fake.cloud.makeBucket('theirs', 'project-two');
});
after(async () => {
  rmSync(folder, { recursive: true });
  await fake.close();
});

function keyFile(content: unknown, name = 'key.json'): Settings {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return { service_account_file: path };
}

/** Opens a store, and lists its root. */
async function use(settings: Settings): Promise<void> {
  const store = await openGoogleStorage({ endpoint: fake.origin, bucket_name: 'present', ...settings }, environment);
  try {
    await Array.fromAsync(store.list('/'));
  } finally {
    await store.close();
  }
}

async function says(settings: Settings, code: StoreErrorCode, sentence: RegExp): Promise<void> {
  await assert.rejects(use(settings), (error) => {
    assert.ok(isStoreError(error, code), String(error));
    assert.match(error.message, sentence);
    assert.doesNotMatch(error.message, /PRIVATE KEY|GOCSPX|1\/\//);
    return true;
  });
}

describe('settings of Google Cloud Storage', () => {
  it('open a store with a service account, an HMAC key or an OAuth login', limit, async () => {
    const { clientId, clientSecret, refreshToken } = fake.accounts.makeConsent(owner);
    const login = { clientId, clientSecret, refreshToken, tokenUrl: `${fake.origin}/token` };
    await use(keyFile(account));
    await use(hmac);
    const store = new GoogleStorageStore({ bucket: 'present', endpoint: fake.origin, credentials: { login } });
    await writeBytes(store, '/by login', 'content');
    const again = await openGoogleStorage({ endpoint: fake.origin, bucket_name: 'present', ...hmac }, environment);
    assert.equal(await readText(again, '/by login'), 'content');
    await Promise.all([store.close(), again.close()]);
  });

  it('make the bucket, in the project of the service account or of the key', limit, async () => {
    await use({ ...keyFile(account), bucket_name: 'made-by-account' });
    await use({ ...hmac, bucket_name: 'made-by-key' });
    assert.equal(fake.cloud.peek('made-by-account')?.project, owner.project);
    assert.equal(fake.cloud.peek('made-by-key')?.project, owner.project);
  });

  it('say what is wrong with a key file', limit, async () => {
    const missing = { service_account_file: join(folder, 'absent.json') };
    await says(missing, 'Unauthenticated', /absent\.json of `service_account_file` cannot be read \(ENOENT\)/);
    await says(keyFile('{'), 'Unauthenticated', /no key file of a service account \(it is no JSON\)/);
    await says(keyFile('null'), 'Unauthenticated', /its type is missing/);
    await says(keyFile({ type: 'authorized_user' }), 'Unauthenticated', /its type is authorized_user/);
    await says(keyFile({ ...account, private_key: 'x' }), 'Unauthenticated', /private_key is damaged/);
    const deleted = { ...account, client_email: 'deleted@project-one.iam.gserviceaccount.com' };
    await says(keyFile(deleted), 'Unauthenticated', /does not accept the key of deleted@.*make a new key file/);
  });

  it('say what is wrong with an HMAC key', limit, async () => {
    await says({ id: hmac.id }, 'Unauthenticated', /`secret` is missing/);
    await says({ ...hmac, id: 'GOOG1EUNKNOWN' }, 'Unauthenticated', /does not know this access key; check `id`/);
    await says({ ...hmac, secret: 'wrong' }, 'Unauthenticated', /the secret does not belong to this access key/);
  });

  it('say what is wrong with an OAuth login', limit, async () => {
    const { clientId, clientSecret, refreshToken } = fake.accounts.makeConsent(owner);
    const login = { clientId, clientSecret, refreshToken, tokenUrl: `${fake.origin}/token` };
    const refused = async (wrong: Partial<typeof login>, sentence: RegExp): Promise<void> => {
      const credentials: GoogleCredentials = { login: { ...login, ...wrong } };
      const store = new GoogleStorageStore({ bucket: 'present', endpoint: fake.origin, credentials });
      await assert.rejects(Array.fromAsync(store.list('/')), sentence);
      await store.close();
    };
    await refused(
      { refreshToken: '1//revoked' },
      /Unauthenticated: the login has expired or was revoked; get a new `refresh_token`/,
    );
    await refused({ clientId: 'unknown' }, /Unauthenticated: .*check `client_id` and `client_secret`/);
    await refused({ clientSecret: 'wrong' }, /Unauthenticated: .*check `client_id` and `client_secret`/);
  });

  it('say what is wrong with a bucket', limit, async () => {
    for (const login of [keyFile(account), hmac]) {
      const absent = { ...login, bucket_name: 'absent-bucket', create_bucket: 'no' };
      await says(absent, 'PermissionDenied', /there is no such bucket; check `bucket_name`/);
      await says({ ...login, bucket_name: 'theirs' }, 'PermissionDenied', /may not do that/);
      await says({ ...login, bucket_name: 'my-google-bucket' }, 'InvalidPath', /change `?bucket_name/);
      await says({ ...login, bucket_name: 'No Bucket' }, 'InvalidPath', /no bucket can be called "No Bucket"/);
    }
    const reader = { ...owner, email: 'reader@project-one.iam.gserviceaccount.com', canMakeBuckets: false };
    const mayNot = { ...keyFile(fake.accounts.makeServiceAccount(reader, fake.origin)), bucket_name: 'not-to-be-made' };
    await says(mayNot, 'PermissionDenied', /there is no bucket "not-to-be-made", and this account may not make it/);
    const project = { ...keyFile(account), bucket_name: 'elsewhere', project: 'project-two' };
    await says(project, 'PermissionDenied', /no such project; check `project`/);
    await says(
      { ...keyFile({ ...account, project_id: undefined }), bucket_name: 'elsewhere' },
      'PermissionDenied',
      /set `project`/,
    );
  });

  it('say what cannot be at all', limit, async () => {
    await says({ ...keyFile(account), ...hmac }, 'Unauthenticated', /two ways to log in/);
    await says({ ...hmac, create_bucket: 'maybe' }, 'Unsupported', /`create_bucket` is yes or no/);
    await says({ ...hmac, auth: 'magic' }, 'Unsupported', /`auth` is `default`/);
    await says({ ...hmac, endpoint: 'ftp://x' }, 'Unsupported', /change `endpoint`/);
  });

  it('say that the service cannot be reached', limit, async () => {
    const retry = { attempts: 1 };
    const http = new HttpClient();
    const store = new GoogleStorageStore({
      bucket: 'present',
      credentials: { hmac },
      endpoint: 'http://127.0.0.1:9',
      retry,
      http,
    });
    await assert.rejects(Array.fromAsync(store.list('/')), /Unavailable: http:\/\/127\.0\.0\.1:9 refuses connections/);
    await store.close();
  });

  it('say that a token has expired only when it cannot be renewed', limit, async () => {
    const store = await openGoogleStorage(
      { endpoint: fake.origin, bucket_name: 'present', ...keyFile(account) },
      environment,
    );
    await writeBytes(store, '/a', 'before');
    fake.accounts.expireTokens();
    assert.equal(await readText(store, '/a'), 'before');
    fake.accounts.expireTokens();
    fake.accounts.serviceAccounts.delete(owner.email);
    await assert.rejects(readText(store, '/a'), /Unauthenticated: Google does not accept the key of/);
    await store.close();
  });
});
