import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isStoreError } from '../../store/errors.ts';
import { keyChain } from './key-chain.ts';
import { RenewedKeys } from './renewed-keys.ts';

const nowhere = { HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true' };

function unauthenticated(words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isStoreError(error, 'Unauthenticated'), String(error));
    assert.match(error.message, words);
    return true;
  };
}

describe('keys that are given', () => {
  it('count more than all others', async () => {
    const variables = { AWS_ACCESS_KEY_ID: 'other', AWS_SECRET_ACCESS_KEY: 'other' };
    const keys = keyChain({ id: 'id', secret: 'secret', sessionToken: 'token', variables });
    assert.deepEqual(await keys.current(), { id: 'id', secret: 'secret', sessionToken: 'token' });
  });

  it('come in pairs', () => {
    assert.throws(() => keyChain({ id: 'id', variables: {} }), unauthenticated(/no `secret`/));
    assert.throws(() => keyChain({ secret: 'secret', variables: {} }), unauthenticated(/no `id`/));
  });
});

describe('keys that are found', { timeout: 30_000 }, () => {
  let home = '';
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 's3-keys-'));
    await writeFile(
      join(home, 'credentials'),
      '[default]\naws_access_key_id = file\naws_secret_access_key = file secret\n[work]\naws_access_key_id = work\naws_secret_access_key = work secret\naws_session_token = work token\n',
    );
    await writeFile(
      join(home, 'config'),
      `[profile asks]\ncredential_process = printf '{"Version":1,"AccessKeyId":"asked","SecretAccessKey":"s","SessionToken":"t","Expiration":"2099-01-01T00:00:00Z"}'\n[profile fails]\ncredential_process = echo secret >&2; exit 3\n[profile sso]\nsso_session = corp\n[profile role]\nrole_arn = arn\nsource_profile = work\n[profile empty]\nregion = eu-west-1\n`,
    );
  });
  after(() => rm(home, { recursive: true }));
  const files = () => ({
    ...nowhere,
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_CONFIG_FILE: join(home, 'config'),
  });
  const idFrom = async (variables: Record<string, string>, profile?: string): Promise<string> =>
    (await keyChain({ variables, profile }).current()).id;

  it('in the environment, then in the shared files, in the profile that is named', async () => {
    const pair = { AWS_ACCESS_KEY_ID: 'variable', AWS_SECRET_ACCESS_KEY: 's' };
    assert.equal(await idFrom({ ...files(), ...pair }), 'variable');
    assert.equal(await idFrom(files()), 'file');
    assert.equal(await idFrom({ ...files(), AWS_PROFILE: 'work' }), 'work');
    assert.equal(await idFrom({ ...files(), ...pair }, 'work'), 'work', 'a profile that is set counts more');
    const keys = keyChain({ variables: files(), profile: 'asks' });
    assert.deepEqual(await keys.current(), {
      id: 'asked',
      secret: 's',
      sessionToken: 't',
      expires: Date.parse('2099-01-01'),
    });
  });

  it('or it is said what is missing', async () => {
    await assert.rejects(idFrom(nowhere), unauthenticated(/there are no keys: set `id` and `secret`/));
    await assert.rejects(idFrom(files(), 'none'), unauthenticated(/no profile "none".*`profile`/));
    await assert.rejects(idFrom(files(), 'empty'), unauthenticated(/no keys in the profile "empty"/));
    await assert.rejects(idFrom(files(), 'sso'), unauthenticated(/`sso_session`.*export-credentials --profile sso/));
    await assert.rejects(idFrom(files(), 'role'), unauthenticated(/`role_arn`/));
    await assert.rejects(
      idFrom(files(), 'fails'),
      (error) => !String(error).includes('secret') && unauthenticated(/failed/)(error),
    );
  });
});

describe('keys of the machine', { timeout: 30_000 }, () => {
  it('of the container, with the token of the file, asked of this computer only', async () => {
    await using service = await MetadataService.start();
    const variables = {
      ...nowhere,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${service.origin}/keys?x=1`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'bearer',
    };
    const keys = await keyChain({ variables }).current();
    assert.equal(keys.id, 'container');
    assert.equal(service.asked.at(-1)?.headers.authorization, 'bearer');
    const elsewhere = { ...nowhere, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://stranger.example/keys' };
    await assert.rejects(keyChain({ variables: elsewhere }).current(), unauthenticated(/no host that may be asked/));
  });

  it('of the instance by IMDSv2, whose role may have none', async () => {
    await using service = await MetadataService.start();
    const variables = { HOME: '/nonexistent', AWS_EC2_METADATA_SERVICE_ENDPOINT: service.origin };
    assert.deepEqual(await keyChain({ variables }).current(), {
      id: 'instance',
      secret: 'instance secret',
      sessionToken: 'instance token',
      expires: Date.parse('2099-01-01T00:00:00Z'),
    });
    assert.equal(service.asked.filter(({ method }) => method === 'PUT').length, 1);
    assert.ok(service.asked.slice(1).every(({ headers }) => headers['x-aws-ec2-metadata-token'] === 'imds token'));
    service.hasRole = false;
    await assert.rejects(keyChain({ variables }).current(), unauthenticated(/there are no keys/));
  });
});

describe('keys that expire', () => {
  const minutes = (count: number): number => Date.now() + count * 60_000;

  it('are renewed in time, once for all who wait', async () => {
    let searches = 0;
    const keys = new RenewedKeys(async () => ({
      id: `${++searches}`,
      secret: 's',
      expires: minutes(searches === 1 ? 4 : 60),
    }));
    assert.deepEqual(
      (await Promise.all([keys.current(), keys.current()])).map(({ id }) => id),
      ['1', '1'],
    );
    assert.deepEqual(
      (await Promise.all([keys.current(), keys.current()])).map(({ id }) => id),
      ['2', '2'],
    );
    assert.equal((await keys.current()).id, '2');
  });

  it('serve to their end where no others can be had', async () => {
    let searches = 0;
    const keys = new RenewedKeys(async () => {
      if (++searches > 1) throw new Error('no service');
      return { id: 'old', secret: 's', expires: minutes(2) };
    });
    assert.equal((await keys.current()).id, 'old');
    assert.equal((await keys.current()).id, 'old');
    assert.equal(searches, 2);
  });

  it('are looked for again when the service refuses them, but the same ones only once', async () => {
    let id = 'old';
    const keys = new RenewedKeys(async () => ({ id, secret: 's' }));
    const old = await keys.current();
    id = 'new';
    assert.equal(keys.expired(old), true);
    const renewed = await keys.current();
    assert.equal(renewed.id, 'new');
    assert.equal(keys.expired(renewed), true);
    assert.equal(keys.expired(await keys.current()), false);
  });
});

/** The metadata services of a container and an instance, on loopback. */
class MetadataService implements AsyncDisposable {
  readonly asked: { readonly method: string; readonly headers: IncomingHttpHeaders }[] = [];
  hasRole = true;
  readonly #server = createServer(({ method = '', url = '', headers }, response) => {
    this.asked.push({ method, headers });
    const body = this.#answer(method, url);
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });

  static async start(): Promise<MetadataService> {
    const service = new MetadataService();
    await new Promise<void>((resolve) => void service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(method: string, url: string): string | undefined {
    const keys = (id: string): string =>
      JSON.stringify({
        AccessKeyId: id,
        SecretAccessKey: `${id} secret`,
        Token: `${id} token`,
        Expiration: '2099-01-01T00:00:00Z',
      });
    if (url === '/keys?x=1') return keys('container');
    if (method === 'PUT' && url === '/latest/api/token') return 'imds token\n';
    if (!this.hasRole) return undefined;
    if (url === '/latest/meta-data/iam/security-credentials/') return 'the role\n';
    return url === '/latest/meta-data/iam/security-credentials/the%20role' ? keys('instance') : undefined;
  }
}
