import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { configurableProviders } from './configurable-providers.ts';
import type { Configuration } from './configuration.ts';
import { parseConfiguration } from './parse-configuration.ts';
import { readLogin, type SavedLogin, writeLogin } from './saved-login.ts';

const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-login-'));
after(() => rmSync(directory, { recursive: true }));
const path = join(directory, 'drive.login');
const login: SavedLogin = {
  store: 'google drive',
  settings: { id: 'client', secret: 'hunter2', refresh_token: 'token' },
  account: 'anna@example.com',
  expires: undefined,
  made: 1,
};

function parse(auth: string, store = 'google drive'): Configuration {
  const text = `[store]\nname = ${store}\n[auth]\n${auth}\n`;
  return parseConfiguration(text, { providers: configurableProviders, baseDirectory: directory, environment: {} });
}

describe('a saved login', () => {
  it('is read as it was written, by its owner alone, and leaves nothing beside it', async () => {
    await writeLogin(path, login);
    await writeLogin(path, login);
    assert.deepEqual(readLogin(path), login);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(directory), ['drive.login']);
  });

  it('that others can read is refused', async () => {
    await writeLogin(path, login);
    chmodSync(path, 0o640);
    assert.throws(() => readLogin(path), /others can read this login; run "chmod 600/);
  });

  it('that is none, or not there, is refused in one line that shows nothing of it', async () => {
    for (const text of [
      '{"secret": "hunter2"',
      '[]',
      'null',
      '{}',
      JSON.stringify({ ...login, settings: { id: 1 } }),
    ]) {
      writeFileSync(path, text, { mode: 0o600 });
      chmodSync(path, 0o600);
      assert.throws(
        () => readLogin(path),
        (error: Error) => /this is no login/.test(error.message) && !/hunter2|\n/.test(error.message),
      );
    }
    assert.throws(() => readLogin(join(directory, 'missing')), /there is no such login; "cloudfusion login" makes one/);
  });

  it('stands for the settings that it holds', async () => {
    await writeLogin(path, login);
    const { settings } = parse('login_file = drive.login\nroot = backup');
    const { id, secret, refresh_token: token, root, login_file: file } = settings;
    assert.deepEqual([id, secret, token, root, file], ['client', 'hunter2', 'token', 'backup', undefined]);
  });

  it('of another person has another cache', async () => {
    await writeLogin(path, login);
    const { account } = parse('login_file = drive.login');
    await writeLogin(path, { ...login, settings: { ...login.settings, refresh_token: 'new' } });
    assert.equal(parse('login_file = drive.login').account, account, 'a new token is the same account');
    await writeLogin(path, { ...login, account: 'bert@example.com' });
    assert.notEqual(parse('login_file = drive.login').account, account);
  });

  it('beside other settings for the login, and one of another store, are refused', async () => {
    await writeLogin(path, login);
    assert.throws(() => parse('login_file = drive.login\nrefresh_token = other'), /"refresh_token" stand/);
    await writeLogin(path, { ...login, store: 'google storage' });
    assert.throws(() => parse('login_file = drive.login'), /for the store "google storage", not for "google drive"/);
  });
});
