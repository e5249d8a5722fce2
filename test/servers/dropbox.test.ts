/** The fake of Dropbox, and what our store makes there, as rclone sees it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { readBytes, readText, writeBytes } from '../../src/store/operations.ts';
import { trialDropbox } from '../fakes/dropbox/dropbox-trial.ts';
import { standInFor } from '../fakes/http/host-stand-in.ts';
import { notInstalled } from './installed.ts';

const run = promisify(execFile);

describe('Dropbox and rclone', { skip: notInstalled('rclone'), timeout: 120_000 }, () => {
  for (const mode of ['off', 'sync'])
    it(`read each other's files, with batches ${mode}`, async (t) => {
      await using trial = await trialDropbox();
      const folder = mkdtempSync(join(tmpdir(), 'cloudfusion-test-'));
      t.after(() => rmSync(folder, { recursive: true }));
      await using standIn = await standInFor('*.dropboxapi.com', trial.fake.origin);
      const token = {
        access_token: trial.fake.logins.makeToken(),
        token_type: 'Bearer',
        expiry: '2100-01-01T00:00:00Z',
      };
      const settings = `[d]\ntype = dropbox\nbatch_mode = ${mode}\nclient_id = a\nclient_secret = b\n`;
      writeFileSync(join(folder, 'rclone.conf'), `${settings}token = ${JSON.stringify(token)}\n`);
      const rclone = async (...words: string[]): Promise<string> => {
        const options = [
          '--config',
          'rclone.conf',
          '--retries',
          '1',
          '--low-level-retries',
          '2',
          '--dropbox-chunk-size',
          '4M',
        ];
        const env = { ...process.env, ...standIn.environment };
        return (await run('rclone', [...options, ...words], { cwd: folder, env, timeout: 60_000 })).stdout;
      };
      const large = randomBytes(9 << 20);
      mkdirSync(join(folder, 'src/sub'), { recursive: true });
      for (let i = 0; i < 20; i++) writeFileSync(join(folder, `src/file ${i}`), `content ${i}`);
      writeFileSync(join(folder, 'src/sub/large'), large);

      await rclone('copy', 'src', 'd:up');
      await rclone('check', 'src', 'd:up');
      assert.equal(trial.asked('files/upload_session/finish_batch_v2') > 0, mode === 'sync');
      assert.equal(await readText(trial.store, '/up/file 7'), 'content 7');
      assert.deepEqual(Buffer.from(await readBytes(trial.store, '/up/sub/large')), large);

      await Promise.all(Array.from({ length: 50 }, (_, i) => writeBytes(trial.store, `/ours/f${i}`, `ours ${i}`)));
      await writeBytes(trial.store, '/ours/large', large);
      assert.equal(await rclone('cat', 'd:ours/f42'), 'ours 42');
      await rclone('copy', 'd:ours', 'down');
      await rclone('check', 'd:ours', 'down');

      await rclone('moveto', 'd:ours/f1', 'd:up/sub/moved');
      await rclone('copyto', 'd:ours/f2', 'd:up/copied');
      await rclone('deletefile', 'd:ours/f3');
      await rclone('moveto', 'd:up/sub', 'd:renamed');
      assert.equal(await readText(trial.store, '/renamed/moved'), 'ours 1');
      assert.equal(await readText(trial.store, '/up/copied'), 'ours 2');
      const left = await Array.fromAsync(trial.store.list('/ours'), ({ path }) => path);
      assert.equal(left.length, 49);
      assert.ok(!left.includes('/ours/f3'));
      await rclone('purge', 'd:ours');
      assert.equal(await rclone('lsf', 'd:'), 'renamed/\nup/\n');
    });
});
