import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { at, type DropboxTrial, trialDropbox } from '../../../test/fakes/dropbox/dropbox-trial.ts';
import { isStoreError } from '../../store/errors.ts';
import { readBytes, writeBytes } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';

const limit = { timeout: 60_000 };
const append = 'files/upload_session/append_v2';
const block = 4 << 20;
/** Ten blocks and a half: eleven parts. */
const content = randomBytes(10 * block + block / 2);
const parts = 11;

async function assertArrived({ fake, store }: DropboxTrial): Promise<void> {
  assert.ok(content.equals(await readBytes(store, '/large')));
  assert.deepEqual([fake.sessions.size, fake.concurrent.size], [0, 0]);
}

describe('a very large file', limit, () => {
  it('is sent in parts beside each other', async () => {
    await using trial = await trialDropbox();
    trial.fake.requestTime = 100;
    await writeBytes(trial.store, '/large', content);
    assert.equal(trial.asked(append), parts);
    assert.equal(trial.fake.mostAtOnce, 4);
    await assertArrived(trial);
  });

  it('arrives although answers are lost, of the part that closes the session too', async () => {
    await using trial = await trialDropbox();
    for (let part = 0; part < 2; part++) trial.fake.faults.add({ when: at(append), loseAnswer: true });
    let closing = 0;
    trial.fake.faults.add({
      when: ({ rawPath, headers }) => {
        const closes = rawPath === `/2/${append}` && /"close":true/.test(String(headers['dropbox-api-arg']));
        return closes && closing++ === 0;
      },
      loseAnswer: true,
    });
    await writeBytes(trial.store, '/large', content);
    assert.equal(trial.fake.faults.left, 0);
    await assertArrived(trial);
  });

  it('goes on after a break: what Dropbox has is not sent again', async () => {
    await using trial = await trialDropbox();
    let saved: string | undefined;
    const save = (state: string | undefined): void => void (saved = state);
    const write = (): Promise<unknown> =>
      trial.store.write('/large', bytesSource(content), { resume: { saved, save } });
    let seen = 0;
    trial.fake.faults.add({
      when: ({ rawPath }) => rawPath === `/2/${append}` && ++seen > 6,
      answer: { status: 503 },
      times: 100,
    });
    await assert.rejects(write(), (error) => isStoreError(error, 'Unavailable'));
    const arrived = [...trial.fake.concurrent.values()][0]?.size ?? 0;
    assert.equal(arrived, 6);
    while (trial.fake.faults.left > 0)
      trial.fake.faults.take({ method: 'POST', rawPath: `/2/${append}`, query: new URLSearchParams(), headers: {} });
    const before = trial.asked(append);
    await write();
    assert.equal(trial.asked(append) - before, parts - arrived);
    assert.equal(trial.asked('files/upload_session/start'), 1);
    assert.equal(saved, undefined);
    await assertArrived(trial);
  });

  it('is begun anew where Dropbox has lost it, and what is saved in vain is nothing', async () => {
    await using trial = await trialDropbox();
    const states = [
      JSON.stringify({ session: 'gone', size: content.length, next: 3, beyond: [5] }),
      JSON.stringify({ session: 'gone', size: 1, next: 3, beyond: [] }),
      JSON.stringify({ session: 'gone', size: content.length, next: -1, beyond: ['x'] }),
      'no JSON',
    ];
    for (const saved of states) {
      await trial.store.write('/large', bytesSource(content), { resume: { saved, save: () => undefined } });
      await assertArrived(trial);
    }
  });
});
