import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { at, type DropboxTrial, trialDropbox } from '../../../test/fakes/dropbox/dropbox-trial.ts';
import { isStoreError } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import { bytesSource } from '../../store/source.ts';
import type { FileEntry, WriteOptions } from '../../store/store.ts';

const limit = { timeout: 60_000 };
const start = 'files/upload_session/start_batch';
const append = 'files/upload_session/append_batch';
const finish = 'files/upload_session/finish_batch_v2';

/** Files that are written at once, each with its number as its content. */
function writeTogether(
  { store }: DropboxTrial,
  count: number,
  options: (index: number) => WriteOptions = () => ({}),
): Promise<PromiseSettledResult<FileEntry>[]> {
  const indexes = Array.from({ length: count }, (_, index) => index);
  return Promise.allSettled(
    indexes.map((index) => store.write(`/file-${index}`, bytesSource(String(index)), options(index))),
  );
}

async function assertAllThere(
  { fake, store }: DropboxTrial,
  answers: readonly PromiseSettledResult<FileEntry>[],
): Promise<void> {
  for (const [index, answer] of answers.entries()) {
    assert.equal(answer.status, 'fulfilled', JSON.stringify(answer));
    assert.deepEqual(answer.status === 'fulfilled' && answer.value, await store.stat(`/file-${index}`));
    assert.equal(fake.disk.get(`/file-${index}`)?.file?.content.toString(), String(index));
  }
}

function codeOf(answer: PromiseSettledResult<FileEntry> | undefined): string {
  if (answer?.status !== 'rejected') return 'done';
  return isStoreError(answer.reason) ? `${answer.reason.code} ${answer.reason.path}` : String(answer.reason);
}

describe('small files that are written together', limit, () => {
  it('go in a few requests, and each has its own answer', async () => {
    await using trial = await trialDropbox();
    await assertAllThere(trial, await writeTogether(trial, 200));
    assert.deepEqual([start, finish, 'files/upload'].map(trial.asked), [1, 1, 1]);
    assert.ok(trial.asked(append) <= 5);
    assert.equal(trial.fake.sessions.size, 0);
  });

  it('are one request where there is but one', async () => {
    await using trial = await trialDropbox();
    await assertAllThere(trial, await writeTogether(trial, 1));
    assert.deepEqual([start, 'files/upload'].map(trial.asked), [0, 1]);
  });

  it('keep their preconditions', async () => {
    await using trial = await trialDropbox();
    await writeBytes(trial.store, '/file-7', 'theirs');
    const { revision } = await writeBytes(trial.store, '/file-8', 'old');
    await writeBytes(trial.store, '/file-9/below', 'x');
    const conditions: Readonly<Record<number, string>> = { 8: revision ?? '' };
    const answers = await writeTogether(trial, 10, (index) => ({ ifRevision: conditions[index] ?? null }));
    assert.deepEqual([codeOf(answers[7]), codeOf(answers[9])], ['Conflict /file-7', 'IsADirectory /file-9']);
    assert.equal(await readText(trial.store, '/file-7'), 'theirs');
    await assertAllThere(trial, answers.slice(0, 7));
    assert.equal(await readText(trial.store, '/file-8'), '8');
    assert.equal(trial.asked(finish), 1);
  });

  it('are told one by one that the Dropbox is full', async () => {
    await using trial = await trialDropbox();
    trial.fake.disk.limit = 8;
    const answers = await writeTogether(trial, 10);
    assert.equal(answers.filter((answer) => codeOf(answer) === 'done').length, 8);
    assert.equal(answers.filter((answer) => codeOf(answer).startsWith('QuotaExceeded /file-')).length, 2);
  });

  it('wait where Dropbox is busy, and those that were committed are not sent again', async () => {
    await using trial = await trialDropbox();
    trial.fake.busyEntries = 5;
    await assertAllThere(trial, await writeTogether(trial, 20));
    assert.deepEqual([start, finish].map(trial.asked), [1, 2]);
  });

  for (const operation of [start, append, finish])
    it(`arrive when the answer of ${operation} is lost`, async () => {
      await using trial = await trialDropbox();
      trial.fake.faults.add({ when: at(operation), loseAnswer: true });
      await assertAllThere(trial, await writeTogether(trial, 20));
      assert.equal(trial.fake.faults.left, 0);
    });

  for (const operation of [start, append, finish])
    it(`go by themselves where ${operation} is refused`, async () => {
      await using trial = await trialDropbox();
      trial.fake.faults.add({ when: at(operation), answer: { status: 431 }, times: Infinity });
      await assertAllThere(trial, await writeTogether(trial, 20));
    });

  it('fail together, each in its own name, while Dropbox is away', async () => {
    await using trial = await trialDropbox();
    await writeBytes(trial.store, '/there', 'x');
    trial.fake.faults.add({ answer: { status: 503 }, times: Infinity });
    const answers = await writeTogether(trial, 20);
    answers.forEach((answer, index) => assert.equal(codeOf(answer), `Unavailable /file-${index}`));
  });

  it('are aborted alone, at any time', async () => {
    for (const operation of [start, append, finish]) {
      await using trial = await trialDropbox();
      const leaving = new AbortController();
      const reason = new Error('wanted no more');
      trial.fake.faults.add({
        when: (request) => {
          if (at(operation)(request)) leaving.abort(reason);
          return false;
        },
      });
      const answers = await writeTogether(trial, 20, (index) => (index === 11 ? { signal: leaving.signal } : {}));
      assert.equal(codeOf(answers[11]), String(reason));
      await assertAllThere(trial, answers.slice(0, 11));
      const left = trial.fake.disk.get('/file-11')?.file?.content.toString();
      assert.ok(left === undefined || left === '11');
    }
  });

  it('are written in turn where they have one name', async () => {
    await using trial = await trialDropbox();
    const names = ['/name', '/other', '/Name', '/NAME', '/more', '/Other'];
    const answers = await Promise.allSettled(
      names.map((name) => writeBytes(trial.store, name, 'x', { ifRevision: null })),
    );
    assert.equal(answers.filter((answer) => codeOf(answer) === 'done').length, 3);
    assert.equal(answers.filter((answer) => codeOf(answer).startsWith('Conflict')).length, 3);
  });
});
