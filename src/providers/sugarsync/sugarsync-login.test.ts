import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { trialSugar } from '../../../test/fakes/sugarsync/trial-sugar.ts';
import { isStoreError } from '../../store/errors.ts';
import { writeBytes } from '../../store/operations.ts';
import { sugarSyncLogin } from './sugarsync-login.ts';
import { openSugarSync } from './sugarsync-settings.ts';
import { Traffic } from '../../http/traffic.ts';

const limit = { timeout: 60_000 };

describe('a login at SugarSync', () => {
  it('exchanges the password once for all that it takes to open the store', limit, async () => {
    await using trial = await trialSugar();
    const { logins, origin } = trial.fake;
    const { accessKeyId: id, privateAccessKey: secret, user, password, application } = logins;
    const login = sugarSyncLogin();
    const given = { id, secret, user, password, application };
    assert.deepEqual(login.questions.map(({ key }) => key).sort(), Object.keys(given).sort());
    assert.equal(login.page, undefined);
    const finished = await login.finish({ ...given, endpoint: origin }, undefined, { http: trial.http });
    assert.equal(finished.account, 'anna@example.com');
    assert.equal(logins.passwords, 1);
    assert.ok(!JSON.stringify(finished).includes(JSON.stringify(password)));
    const settings = { ...finished.settings, root: 'Magic Briefcase', endpoint: origin, max_file_size: '0.000003' };
    const store = openSugarSync(settings, { variables: {}, traffic: new Traffic() });
    await writeBytes(store, '/file', 'abc');
    assert.equal(store.capabilities.maxFileSize, 3);
    assert.deepEqual(await store.usage(), { used: 3, total: 5_000_000_000, account: 'anna@example.com' });
    assert.equal(logins.passwords, 1);
    await store.close();
  });

  it('says what to check when it is refused, and nothing secret', limit, async () => {
    await using trial = await trialSugar();
    const { accessKeyId: id, privateAccessKey: secret, user, application } = trial.fake.logins;
    const given = { id, secret, user, password: 'hunter2', application, endpoint: trial.fake.origin };
    const attempt = sugarSyncLogin().finish(given, undefined, {
      http: trial.http,
    });
    await assert.rejects(attempt, (error) => {
      assert.ok(isStoreError(error, 'Unauthenticated'), String(error));
      assert.match(error.message, /check user and password/);
      assert.doesNotMatch(`${error.message} ${String(error.cause)} ${error.stack}`, /hunter2|private/);
      return true;
    });
  });

  it('is missed with the settings that it would bring', limit, () => {
    const environment = { variables: {}, traffic: new Traffic() };
    assert.throws(
      () => openSugarSync({ id: 'id', secret: 'secret' }, environment),
      /`refresh_token` is missing: `cloudfusion login sugarsync`/,
    );
    for (const wrong of [{ use_trash: 'perhaps' }, { max_file_size: 'large' }, { endpoint: 'ftp://x' }])
      assert.throws(
        () =>
          openSugarSync({ id: 'id', secret: 'secret', refresh_token: 'https://t.example/1', ...wrong }, environment),
        (error) => isStoreError(error, 'Unsupported'),
      );
  });
});
