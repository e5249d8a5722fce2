/** The command that logs in with a password, at the fake of SugarSync: what it keeps, and what it says when it is not let in. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SugarSyncFake } from '../fakes/sugarsync/sugarsync-fake.ts';
import { CommandLine } from './command-line.ts';
import type { ProgramResult } from './run-program.ts';

const limit = { timeout: 120_000 };

describe('cloudfusion login sugarsync', limit, () => {
  let fake: SugarSyncFake;
  let cli: CommandLine;
  beforeEach(async () => {
    fake = await SugarSyncFake.start();
    cli = await CommandLine.make();
  });
  afterEach(async () => {
    await cli[Symbol.asyncDispose]();
    await fake.close();
  });

  const configuration = (endpoint: string): string => `[store]\nname = sugarsync\n[auth]\nendpoint = ${endpoint}\n`;

  /** Answers all questions, some of them in another way. */
  async function logIn(wrong: { readonly password?: string; readonly secret?: string } = {}): Promise<ProgramResult> {
    const { accessKeyId, privateAccessKey, application, user, password } = fake.logins;
    const answers = [accessKeyId, wrong.secret ?? privateAccessKey, application, user, wrong.password ?? password];
    return await cli.run(['login', 'sugarsync'], {}, `${answers.join('\n')}\n`);
  }

  it('takes the password from standard input, and keeps a token that only its owner can read', limit, async () => {
    await writeFile(join(cli.directory, 'sugarsync.ini'), configuration(fake.origin));
    const { status, output, errors } = await logIn();
    assert.equal(status, 0, errors);
    assert.match(output, /Logged in as anna@example\.com/);
    assert.deepEqual((await readdir(cli.directory)).sort(), ['sugarsync.ini', 'sugarsync.login']);
    const file = join(cli.directory, 'sugarsync.login');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const kept = JSON.parse(await readFile(file, 'utf8')) as { readonly settings: Record<string, string> };
    const { accessKeyId: id, privateAccessKey: secret, refreshTokens, password } = fake.logins;
    assert.deepEqual(kept.settings, { id, secret, refresh_token: [...refreshTokens][0] });
    assert.equal(fake.logins.passwords, 1);
    for (const text of [output, errors, JSON.stringify(kept)]) assert.ok(!text.includes(password.slice(1, -1)));
    assert.match(await readFile(join(cli.directory, 'sugarsync.ini'), 'utf8'), /^login_file = sugarsync\.login$/m);
  });

  const refusals: readonly (readonly [string, () => Promise<ProgramResult>, RegExp, string?])[] = [
    ['a wrong password', () => logIn({ password: 'hunter2' }), /refused the login; check user and password/],
    ['a wrong key', () => logIn({ secret: 'hunter2' }), /refused the login; .* both keys/],
    ['no network', () => logIn({ password: 'hunter2' }), /refuses connections/, 'http://127.0.0.1:9'],
    ['nobody at the terminal', () => cli.run(['login', 'sugarsync'], {}, 'id\n'), /nobody answered/],
  ];
  for (const [mistake, attempt, sentence, endpoint] of refusals) {
    it(`says in one line what is the matter with ${mistake}, and writes nothing`, limit, async () => {
      const before = configuration(endpoint ?? fake.origin);
      await writeFile(join(cli.directory, 'sugarsync.ini'), before);
      const { status, output, errors } = await attempt();
      assert.notEqual(status, 0);
      assert.equal(output, '');
      const [complaint = ''] = errors.trimEnd().split('\n').slice(-1);
      assert.match(complaint, sentence);
      assert.doesNotMatch(errors, /hunter2|\n {4}at /);
      assert.deepEqual(await readdir(cli.directory), ['sugarsync.ini']);
      assert.equal(await readFile(join(cli.directory, 'sugarsync.ini'), 'utf8'), before);
    });
  }
});
