import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultTarget } from '../../../test/fakes/google-storage/fault-switch.ts';
import { trialSugar } from '../../../test/fakes/sugarsync/trial-sugar.ts';
import { isStoreError, type StoreErrorCode } from '../../store/errors.ts';
import { readText, writeBytes } from '../../store/operations.ts';
import type { Store } from '../../store/store.ts';

const limit = { timeout: 60_000 };

const failsWith =
  (code: StoreErrorCode) =>
  (error: unknown): boolean =>
    isStoreError(error, code);

async function pathsIn(store: Store, directory: string = '/'): Promise<string[]> {
  return (await Array.fromAsync(store.list(directory, { recursive: true }), ({ path }) => path)).sort();
}

describe('the list of sync folders', () => {
  it('is the root unless another is named, and hides the deleted files', limit, async () => {
    await using trial = await trialSugar();
    const store = trial.open({ root: undefined });
    await writeBytes(store, '/magic briefcase/a/file', 'content');
    assert.deepEqual(await pathsIn(store), ['/Magic Briefcase', '/Magic Briefcase/a', '/Magic Briefcase/a/file']);
    await assert.rejects(store.stat('/DeletedFiles'), failsWith('NotFound'));
    assert.equal((await store.stat('/Magic Briefcase')).kind, 'directory');
    const deeper = trial.open({ root: 'Magic Briefcase/a' });
    assert.equal(await readText(deeper, '/file'), 'content');
  });

  it('takes new folders and copies of folders, but no files', limit, async () => {
    await using trial = await trialSugar();
    const { disk, faults } = trial.fake;
    const store = trial.open({ root: undefined });
    faults.add({ when: ({ method }) => method === 'POST' && disk.all.size > 0, loseAnswer: true, times: 2 });
    await writeBytes(store, '/New <&>/file', 'content');
    await store.copy('/New <&>', '/Copy');
    assert.equal(await readText(store, '/Copy/file'), 'content');
    assert.deepEqual(
      disk.in(disk.top).map(({ name }) => name),
      ['Copy', 'DeletedFiles', 'Magic Briefcase', 'New <&>'],
    );
    await assert.rejects(writeBytes(store, '/file', 'x'), failsWith('Unsupported'));
    await assert.rejects(store.copy('/Copy/file', '/file'), failsWith('Unsupported'));
  });

  it('keeps its folders: they are neither moved nor deleted', limit, async () => {
    await using trial = await trialSugar();
    const store = trial.open({ root: undefined });
    await writeBytes(store, '/Magic Briefcase/a/file', 'content');
    const before = await pathsIn(store);
    await assert.rejects(store.delete('/Magic Briefcase', { recursive: true }), failsWith('Unsupported'));
    await assert.rejects(store.move('/Magic Briefcase', '/Other'), failsWith('Unsupported'));
    await assert.rejects(store.move('/Magic Briefcase/a', '/a'), failsWith('Unsupported'));
    assert.deepEqual(await pathsIn(store), before);
  });
});

describe('deletion at SugarSync', () => {
  it('keeps what was deleted among the deleted files, each time', limit, async () => {
    await using trial = await trialSugar();
    const { disk } = trial.fake;
    const store = trial.open();
    for (const content of ['first', 'second']) {
      await writeBytes(store, '/a/b/file', content);
      await store.delete('/a', { recursive: true });
    }
    assert.deepEqual(
      disk.in(disk.deleted.ref).map(({ name }) => name),
      ['a', 'a'],
    );
    assert.deepEqual(disk.orphans, []);
    assert.deepEqual(await pathsIn(store), []);
  });

  it('for good orphans nothing, also when something comes meanwhile', limit, async () => {
    await using trial = await trialSugar();
    const { disk } = trial.fake;
    let late = 1;
    const store = trial.open({
      deletePermanently: true,
      http: {
        send: async (request) => {
          const answer = await trial.http.send(request);
          const folder = [...disk.all.values()].find(({ name }) => name === 'b');
          if (request.method === 'DELETE' && folder !== undefined && late-- > 0)
            disk.put(disk.makeFile(folder.ref, 'late', 'text/plain').ref, Buffer.from('late'));
          return answer;
        },
        close: async () => {},
      },
    });
    for (const path of ['/a/b/1', '/a/b/2', '/a/c/3']) await writeBytes(store, path, path);
    await store.delete('/a', { recursive: true });
    assert.deepEqual(
      [...disk.all.values()].map(({ name }) => name),
      ['DeletedFiles', 'Magic Briefcase'],
    );
  });
});

describe('what is replaced at SugarSync', () => {
  const moves = ({ method, rawPath }: FaultTarget): boolean => method === 'PUT' && !rawPath.endsWith('/data');

  it('comes back when a move or a copy fails', limit, async () => {
    for (const deletePermanently of [false, true]) {
      await using trial = await trialSugar();
      const store = trial.open({ deletePermanently, retry: { attempts: 1 } });
      await writeBytes(store, '/from', 'from');
      await writeBytes(store, '/to', 'to');
      const from = [...trial.fake.disk.all.values()].find(({ name }) => name === 'from');
      trial.fake.faults.add({
        when: (request) => moves(request) && request.rawPath === from?.ref,
        answer: { status: 503 },
      });
      await assert.rejects(store.move('/from', '/to'), failsWith('Unavailable'));
      trial.fake.faults.add({ when: ({ method }) => method === 'POST', answer: { status: 503 } });
      await assert.rejects(store.copy('/from', '/to'), failsWith('Unavailable'));
      assert.equal(trial.fake.faults.left, 0);
      assert.deepEqual(await pathsIn(store), ['/from', '/to']);
      assert.equal(await readText(store, '/to'), 'to');
    }
  });

  it('is kept among the deleted files, or goes for good', limit, async () => {
    for (const deletePermanently of [false, true]) {
      await using trial = await trialSugar();
      const { disk } = trial.fake;
      const store = trial.open({ deletePermanently });
      await writeBytes(store, '/from', 'from');
      await writeBytes(store, '/to', 'to');
      await store.move('/from', '/to');
      assert.equal(await readText(store, '/to'), 'from');
      assert.equal(disk.in(disk.deleted.ref).length, deletePermanently ? 0 : 1);
      assert.equal(disk.in(disk.briefcase.ref).length, 1);
    }
  });
});

describe('names and listings of SugarSync', () => {
  it('can be spelled another way, which is a rename', limit, async () => {
    await using trial = await trialSugar();
    const store = trial.open();
    await writeBytes(store, '/Dir/name', 'content');
    await store.move('/dir/NAME', '/dir/Name');
    await store.move('/dir', '/DIR');
    await store.copy('/DIR', '/dir');
    assert.deepEqual(await pathsIn(store), ['/DIR', '/DIR/Name']);
    await assert.rejects(store.move('/DIR', '/dir/below'), failsWith('InvalidPath'));
  });

  it('that no path can hold keep their directory from being deleted', limit, async () => {
    await using trial = await trialSugar();
    const { disk } = trial.fake;
    const store = trial.open();
    await writeBytes(store, '/directory/file', 'content');
    const told = await Array.fromAsync(store.list('/', { recursive: true }));
    const [directory] = disk.in(disk.briefcase.ref);
    disk.put(disk.makeFile(directory?.ref ?? '', '..', 'text/plain').ref, Buffer.from('x'));
    assert.deepEqual(await store.deleteAll(told), ['/directory']);
    assert.deepEqual(await pathsIn(store), ['/directory']);
    await assert.rejects(store.delete('/directory'), failsWith('NotEmpty'));
  });

  it('that no path can hold are not shown', limit, async () => {
    await using trial = await trialSugar();
    const { disk } = trial.fake;
    for (const name of ['..', 'fine'])
      disk.put(disk.makeFile(disk.briefcase.ref, name, 'text/plain').ref, Buffer.from('x'));
    assert.deepEqual(await pathsIn(trial.open()), ['/fine']);
  });

  it('are whole, page by page, also when files go and come meanwhile', limit, async () => {
    await using trial = await trialSugar();
    const { disk } = trial.fake;
    trial.fake.pageEntries = 4;
    for (let index = 10; index < 30; index++)
      disk.put(disk.makeFile(disk.briefcase.ref, `file ${index}`, 'text/plain').ref, Buffer.from('x'));
    disk.makeFolder(disk.briefcase.ref, 'file 15 is a folder');
    let pages = 0;
    const store = trial.open({
      http: {
        send: async (request) => {
          const answer = await trial.http.send(request);
          const isPage = request.path.startsWith(`${disk.briefcase.ref}/contents`) && pages++ < 40;
          const first = disk.in(disk.briefcase.ref)[0];
          if (isPage && pages % 7 === 3 && first !== undefined) disk.remove(first.ref);
          return answer;
        },
        close: async () => {},
      },
    });
    const found = await pathsIn(store);
    assert.ok(pages > 7, 'the listing was not begun again');
    for (const { name } of disk.in(disk.briefcase.ref)) assert.ok(found.includes(`/${name}`), name);
  });

  it('tell versions of one second and one size apart', limit, async () => {
    await using trial = await trialSugar();
    trial.fake.disk.wholeSeconds = true;
    const store = trial.open();
    const first = await writeBytes(store, '/file', 'aaa');
    const second = await writeBytes(store, '/file', 'bbb');
    assert.notEqual(first.revision, second.revision);
    assert.equal(await readText(store, '/file', { ifRevision: second.revision }), 'bbb');
  });

  it('are asked for by few requests, and what others do is seen', limit, async () => {
    await using trial = await trialSugar();
    const [one, other] = [trial.open(), trial.open()];
    await Promise.all(Array.from({ length: 20 }, (_, index) => writeBytes(one, `/many/${index}`, 'x')));
    assert.ok(trial.fake.count('GET', '/contents') <= 4, `${trial.fake.count('GET', '/contents')} listings`);
    assert.equal((await pathsIn(other)).length, 21);
    await other.delete('/many/3');
    await writeBytes(other, '/many/new', 'x');
    await assert.rejects(one.stat('/many/3'), failsWith('NotFound'));
    assert.equal(await readText(one, '/many/new'), 'x');
    await other.delete('/many', { recursive: true });
    await assert.rejects(one.stat('/many'), failsWith('NotFound'));
    assert.deepEqual(await pathsIn(one), []);
  });
});
