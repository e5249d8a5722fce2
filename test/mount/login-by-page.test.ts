/** The commands of a person with an account, by the hosts that they know: he logs in on a page, and mounts. Only the hosts are stood in for. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DropboxFake } from '../fakes/dropbox/dropbox-fake.ts';
import { anna, GoogleDriveFake } from '../fakes/google-drive/google-drive-fake.ts';
import { standInFor } from '../fakes/http/host-stand-in.ts';
import { CommandLine, type Staying } from './command-line.ts';
import { withoutFuse } from './mounted.ts';
import { runShell } from './run-program.ts';

const limit = { timeout: 120_000 };

/** A service with one person and one app. */
interface Account extends AsyncDisposable {
  readonly origin: string;
  readonly id: string;
  readonly secret: string;
  /** The person consents on the page. */
  consent(page: URL, login: Staying): Promise<void>;
  /** The person refuses. */
  readonly refuse?: (page: URL) => Promise<void>;
  /** The content of a file in the root. */
  content(name: string): string | undefined;
}

interface Service {
  readonly store: string;
  readonly hosts: string;
  readonly begin: () => Promise<Account>;
}

async function back(page: URL, answer: Record<string, string>): Promise<void> {
  const address = new URL(page.searchParams.get('redirect_uri') ?? '');
  const state = page.searchParams.get('state') ?? '';
  for (const [key, value] of Object.entries({ state, ...answer })) address.searchParams.set(key, value);
  await (await fetch(address)).text();
}

const services: Readonly<Record<string, Service>> = {
  gdrive: {
    store: 'google drive',
    hosts: '*.googleapis.com',
    begin: async () => {
      const fake = await GoogleDriveFake.start();
      fake.disk.addresses = 'https://www.googleapis.com';
      const consent = fake.accounts.makeConsent(anna);
      return {
        origin: fake.origin,
        id: consent.clientId,
        secret: consent.clientSecret,
        consent: async (page) => {
          const { code_challenge: challenge = '', redirect_uri: redirect = '' } = Object.fromEntries(page.searchParams);
          fake.accounts.codes.set('code', { consent, challenge, redirect });
          await back(page, { code: 'code' });
        },
        refuse: (page) => back(page, { error: 'access_denied' }),
        content: (wanted) => [...fake.disk.files.values()].find(({ name }) => name === wanted)?.content?.toString(),
        [Symbol.asyncDispose]: () => fake.close(),
      };
    },
  },
  dropbox: {
    store: 'dropbox',
    hosts: '*.dropboxapi.com',
    begin: async () => {
      const fake = await DropboxFake.start();
      return {
        origin: fake.origin,
        id: fake.logins.appKey,
        secret: fake.logins.appSecret,
        consent: async (page, login) => {
          fake.logins.codes.set('code', page.searchParams.get('code_challenge') ?? '');
          login.type('code');
        },
        content: (name) => fake.disk.get(`/${name}`)?.file?.content.toString(),
        [Symbol.asyncDispose]: () => fake.close(),
      };
    },
  },
};

/** What a person has: an account, a home, and a network. */
async function person(service: Service, { expired = false } = {}): Promise<AsyncDisposableStack & { parts: Parts }> {
  const stack = new AsyncDisposableStack();
  const account = stack.use(await service.begin());
  const standIn = stack.use(await standInFor(service.hosts, account.origin, { expired }));
  const cli = stack.use(await CommandLine.make());
  Object.assign(cli.environment, standIn.environment);
  return Object.assign(stack, { parts: { account, cli } });
}

interface Parts {
  readonly account: Account;
  readonly cli: CommandLine;
}

/** Begins a login with the app that is in the configuration. */
async function begin(name: string, { account, cli }: Parts, secret: string = account.secret): Promise<[Staying, URL]> {
  const settings = `id = ${account.id}\nsecret = ${secret}\n`;
  const text = `[store]\nname = ${services[name]?.store}\n[auth]\n${settings}`;
  await writeFile(join(cli.directory, `${name}.ini`), text, { mode: 0o600 });
  const login = await cli.stay(/https:\S+\s/, 'login', name, '--no-browser');
  return [login, new URL(/https:\S+/.exec(login.said)?.[0] ?? '')];
}

async function assertRefused(login: Staying, { cli }: Parts, sentence: RegExp): Promise<void> {
  assert.notEqual(await login.ended(), 0);
  assert.match(login.said.trimEnd().split('\n').at(-1) ?? '', sentence);
  assert.doesNotMatch(login.said, /hunter2|\n {4}at /);
  assert.equal((await readdir(cli.directory)).length, 1, 'nothing is written');
}

for (const [name, service] of Object.entries(services)) {
  describe(`cloudfusion login ${name}`, limit, () => {
    it('keeps a login with which the account is mounted', { ...limit, skip: withoutFuse }, async () => {
      await using stack = await person(service);
      const { account, cli } = stack.parts;
      const [login, page] = await begin(name, stack.parts);
      await account.consent(page, login);
      assert.equal(await login.ended(), 0, login.said);
      assert.match(login.said, /Logged in as anna@/);
      const kept = join(cli.directory, `${name}.login`);
      assert.equal((await stat(kept)).mode & 0o777, 0o600);
      assert.match(await readFile(join(cli.directory, `${name}.ini`), 'utf8'), /^login_file = /m);
      await cli.ok('mount', '--config', `${name}.ini`, cli.mountPoint);
      await runShell('echo kept > mnt/data/file', cli.directory);
      await cli.ok('sync', cli.mountPoint);
      assert.equal(account.content('file'), 'kept\n');
      await cli.ok('stop', cli.mountPoint);
    });

    it('says that the key of the app is wrong', limit, async () => {
      await using stack = await person(service);
      const [login, page] = await begin(name, stack.parts, 'hunter2');
      await stack.parts.account.consent(page, login);
      await assertRefused(login, stack.parts, /secret is wrong|App secret|app key|client_secret/);
    });

    it('says that the clock may be wrong where no certificate is good', limit, async () => {
      await using stack = await person(service, { expired: true });
      const [login, page] = await begin(name, stack.parts);
      await stack.parts.account.consent(page, login);
      await assertRefused(login, stack.parts, /certificate .* check the clock of this computer/);
    });

    it('says that consent was refused', limit, async (t) => {
      await using stack = await person(service);
      const { refuse } = stack.parts.account;
      if (refuse === undefined) return t.skip('its page tells nobody');
      const [login, page] = await begin(name, stack.parts);
      await refuse(page);
      await assertRefused(login, stack.parts, /consent was refused/);
    });
  });
}
