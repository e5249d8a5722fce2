import assert from 'node:assert/strict';
import { forEachConcurrently } from '../../store/for-each-concurrently.ts';
import { bytesSource } from '../../store/source.ts';
import { parentOf } from '../../store/path.ts';
import { expectStoreError } from '../expect.ts';
import type { StoreCase } from '../store-case.ts';
import { whileRunning } from '../while-running.ts';

const many = 2_500;

/** Law 3: `list` is whole or throws, and it streams. */
export const listCases: readonly StoreCase[] = [
  {
    name: 'an empty directory lists nothing, a missing one is NotFound, a file NotADirectory',
    run: async (trial) => {
      await trial.settled(trial.store.makeDirectory('/empty'));
      await trial.put('/file');
      for (const recursive of [false, true]) {
        assert.deepEqual(await trial.paths('/empty', { recursive }), []);
        await expectStoreError(() => trial.paths('/missing', { recursive }), 'NotFound');
        await expectStoreError(() => trial.paths('/empty/missing', { recursive }), 'NotFound');
        await expectStoreError(() => trial.paths('/emp', { recursive }), 'NotFound');
        await expectStoreError(() => trial.paths('/file', { recursive }), 'NotADirectory');
      }
    },
  },
  {
    name: 'list answers direct entries only, and not those of neighbours',
    run: async (trial) => {
      for (const path of ['/a/1', '/a/b/2', '/a/b/c/3', '/ab/4', '/a.txt', '/a b/5', '/a-/6']) await trial.put(path);
      assert.deepEqual(await trial.paths('/a'), ['/a/1', '/a/b/']);
      assert.deepEqual(await trial.paths('/a/b'), ['/a/b/2', '/a/b/c/']);
      assert.deepEqual(await trial.paths('/'), ['/a b/', '/a-/', '/a.txt', '/a/', '/ab/'].sort());
      assert.deepEqual(await trial.paths('/a', { recursive: true }), [
        '/a/1',
        '/a/b/',
        '/a/b/2',
        '/a/b/c/',
        '/a/b/c/3',
      ]);
    },
  },
  {
    name: 'a quick list tells what any other does, but where it says that it is unsure',
    run: async (trial) => {
      for (const path of ['/a/full', '/a/b/full']) await trial.put(path);
      for (const path of ['/a/empty', '/a/b/empty']) await trial.settled(trial.store.write(path, bytesSource('')));
      await trial.settled(trial.store.makeDirectory('/a/c'));
      for (const recursive of [false, true]) {
        const whole = await Array.fromAsync(trial.store.list('/a', { recursive }));
        assert.ok(whole.every((entry) => entry.kind === 'directory' || entry.unsure === undefined));
        const kinds = new Map(whole.map(({ path, kind }) => [path, kind]));
        const quick = await Array.fromAsync(trial.store.list('/a', { recursive, quick: true }));
        assert.deepEqual(quick.map(({ path }) => path).sort(), [...kinds.keys()].sort());
        for (const entry of quick) {
          if (entry.kind === 'file' && entry.unsure === true) assert.equal(entry.size, 0, entry.path);
          else assert.equal(entry.kind, kinds.get(entry.path), entry.path);
        }
      }
    },
  },
  {
    name: 'a recursive list answers everything once, parents before children',
    run: async (trial) => {
      const files = Array.from({ length: 60 }, (_, index) => `/${index % 3}/${index % 5}/${index % 7}/${index}`);
      await forEachConcurrently(files, 8, async (path) => void (await trial.store.write(path, bytesSource(path))));
      await trial.settled(trial.store.makeDirectory('/0/empty/within'));
      const entries = await Array.fromAsync(trial.store.list('/', { recursive: true }));
      const seen = new Set<string>(['/']);
      for (const { path } of entries) {
        assert.ok(!seen.has(path), `${path} is listed twice`);
        assert.ok(seen.has(parentOf(path)), `${path} is listed before its parent`);
        seen.add(path);
      }
      assert.deepEqual(
        entries
          .filter(({ kind }) => kind === 'file')
          .map(({ path }) => path)
          .sort(),
        files.toSorted(),
      );
      assert.ok(seen.has('/0/empty/within'));
    },
  },
  {
    name: `a directory of ${many} files is listed whole`,
    run: async (trial) => {
      const names = Array.from({ length: many }, (_, index) => `/many/file ${index}`);
      await forEachConcurrently(names, 32, async (path) => void (await trial.store.write(path, bytesSource('x'))));
      await trial.put('/beside');
      const expected = names.toSorted();
      assert.deepEqual(await trial.paths('/many'), expected);
      assert.deepEqual(await trial.paths('/many', { recursive: true }), expected);
      await trial.settled(trial.store.delete('/many', { recursive: true }));
      assert.deepEqual(await trial.paths('/', { recursive: true }), ['/beside']);
    },
  },
  {
    name: 'a list may be left early',
    run: async (trial) => {
      for (let index = 0; index < 10; index++) await trial.put(`/d/${index}`);
      for (const recursive of [false, true]) {
        for await (const { path } of trial.store.list('/', { recursive })) {
          assert.equal(path, '/d');
          break;
        }
      }
      assert.equal((await trial.paths('/d')).length, 10);
    },
  },
  {
    name: 'a list answers what was there all the time while others change the directory',
    run: async (trial) => {
      const staying = Array.from({ length: 50 }, (_, index) => `/d/staying ${index}`);
      for (const path of staying) await trial.put(path);
      await whileRunning(
        async (round) => {
          await trial.store.write(`/d/${round % 10}/passing`, bytesSource('x'));
          await trial.store.write(`/d/passing ${round % 10}`, bytesSource('x'));
          await trial.store.delete(`/d/${(round + 5) % 10}`, { recursive: true });
          await trial.store.delete(`/d/passing ${(round + 5) % 10}`);
        },
        async () => {
          for (let round = 0; round < 20; round++) {
            const paths = await trial.paths('/d', { recursive: round % 2 === 1 });
            assert.equal(new Set(paths).size, paths.length, 'a path is listed twice');
            assert.deepEqual(
              paths.filter((path) => path.includes('staying')),
              staying.toSorted(),
            );
          }
        },
      );
    },
  },
];
