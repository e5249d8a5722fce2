import assert from 'node:assert/strict';
import { nameOf } from '../../store/path.ts';
import { expectStoreError } from '../expect.ts';
import type { StoreCase } from '../store-case.ts';
import type { Trial } from '../trial.ts';

const longName = `${'n'.repeat(251)}.txt`;

/** Names that services, shells, URLs, XML and JSON have stumbled over. */
const names: readonly string[] = [
  '..x',
  'x..',
  '...',
  '.hidden',
  '~',
  '~user',
  '%2F',
  '%2f..%2f',
  '%00',
  '100%',
  '%41',
  'a+b',
  'a b',
  ' leading space',
  'trailing space ',
  ' ',
  'trailing dot.',
  "it's",
  '"quoted"',
  '`backquoted`',
  'a*b',
  'a?b',
  '<tag>',
  '&amp;',
  'a|b',
  'a:b',
  'a#b',
  'a&b=c',
  'a;b',
  'a,b',
  'a=b',
  '@a!b$c',
  '(a)[b]{c}',
  'a^b',
  'back\\slash',
  '..\\..\\x',
  'new\nline',
  'tab\tstop',
  'carriage\rreturn',
  '\u0001\u001b\u007f',
  '\u00a0no-break space',
  '\u202eright to left',
  'ünïcödé',
  '文件',
  'ファイル',
  '🎉👩‍👩‍👧',
  '-rf',
  'CON',
  'nul.txt',
  'undefined',
  '__proto__',
  'constructor',
  '.cloudfusion',
  'index.html',
  '$folder$',
  'x_$folder$',
  longName,
  `${'ü'.repeat(127)}x`,
  `${'🎉'.repeat(63)}xyz`,
];

/** Law 1: names go to the service byte for byte. */
export const nameCases: readonly StoreCase[] = [
  ...names.map(canBeCalled),
  {
    name: 'a composed and a decomposed letter are two names',
    run: async (trial) => {
      await trial.put('/\u00e9', 'composed');
      await trial.put('/e\u0301', 'decomposed');
      assert.deepEqual(await trial.tree(), { '/e\u0301': 'decomposed', '/\u00e9': 'composed' });
      await trial.settled(trial.store.delete('/\u00e9'));
      assert.deepEqual(await trial.tree(), { '/e\u0301': 'decomposed' });
    },
  },
  {
    name: 'names that differ in case are two files',
    unless: ({ caseSensitive }) => (caseSensitive ? undefined : 'the store is not case sensitive'),
    run: async (trial) => {
      await trial.put('/Name', 'upper');
      await trial.put('/name', 'lower');
      await trial.put('/Directory/a', '1');
      await trial.put('/directory/a', '2');
      const all = { '/Directory/': '', '/Directory/a': '1', '/Name': 'upper', '/directory/': '', '/directory/a': '2' };
      assert.deepEqual(await trial.tree(), { ...all, '/name': 'lower' });
      await trial.settled(trial.store.delete('/name'));
      assert.deepEqual(await trial.tree(), all);
    },
  },
  {
    name: 'names that differ in case are one file',
    unless: ({ caseSensitive }) => (caseSensitive ? 'the store is case sensitive' : undefined),
    run: async (trial) => {
      await trial.put('/Name', 'first');
      await trial.put('/name', 'second');
      assert.equal((await trial.paths('/')).length, 1);
      assert.equal(await trial.text('/NAME'), 'second');
    },
  },
  {
    name: 'a path of 900 bytes is a path',
    run: async (trial) => {
      const path = Array.from({ length: 9 }, (_, index) => `/${String(index).repeat(99)}`).join('');
      await trial.put(path, 'deep');
      assert.equal(await trial.text(path), 'deep');
      assert.equal((await trial.paths('/', { recursive: true })).length, 9);
      await trial.settled(trial.store.move(path, `${path.slice(0, -1)}x`));
      assert.equal(await trial.text(`${path.slice(0, -1)}x`), 'deep');
    },
  },
  {
    name: 'all names stand beside each other',
    unless: ({ caseSensitive }) => (caseSensitive ? undefined : 'the store is not case sensitive'),
    run: async (trial) => {
      const refused = await refusedNames(trial);
      const taken = names.filter((name) => refused?.test(name) !== true);
      for (const name of taken) await trial.put(`/${name}`, name);
      assert.deepEqual(await trial.tree(), Object.fromEntries(taken.map((name) => [`/${name}`, name])));
      for (const name of taken) await trial.settled(trial.store.delete(`/${name}`));
      assert.deepEqual(await trial.tree(), {});
    },
  },
];

/** What the service does not take; a store may know only after it has been asked something. */
async function refusedNames(trial: Trial): Promise<RegExp | null> {
  await trial.paths('/');
  return trial.store.capabilities.refusedNames;
}

/** Whether a name is one of those; then it must be refused everywhere, and harm nothing. */
async function refuses(trial: Trial, name: string): Promise<boolean> {
  if ((await refusedNames(trial))?.test(name) !== true) return false;
  await trial.put('/directory/file', 'stays');
  for (const path of [`/${name}`, `/directory/${name}`, `/${name}/below`]) {
    await expectStoreError(() => trial.put(path), 'InvalidPath');
    await expectStoreError(() => trial.store.makeDirectory(path), 'InvalidPath');
    await expectStoreError(() => trial.store.copy('/directory/file', path), 'InvalidPath');
  }
  assert.deepEqual(await trial.tree(), { '/directory/': '', '/directory/file': 'stays' });
  return true;
}

function canBeCalled(name: string): StoreCase {
  return {
    name: `a file and a directory can be called ${JSON.stringify(name.length > 40 ? `${name.slice(0, 8)}… (${Buffer.byteLength(name)} bytes)` : name)}`,
    run: async (trial) => {
      if (await refuses(trial, name)) return;
      const file = `/files/${name}`;
      const directory = `/directories/${name}`;
      const written = await trial.put(file, 'content');
      assert.equal(written.path, file);
      await trial.put(`${directory}/inside`, 'inner');
      assert.equal((await trial.store.stat(file)).path, file);
      assert.equal((await trial.store.stat(directory)).kind, 'directory');
      assert.equal(await trial.text(file), 'content');
      assert.deepEqual(await trial.paths('/files'), [file]);
      assert.deepEqual(await trial.paths('/directories', { recursive: true }), [
        `${directory}/`,
        `${directory}/inside`,
      ]);
      await trial.settled(trial.store.copy(file, `/copies/${name}`));
      await trial.settled(trial.store.move(`/copies/${name}`, `${directory}/${name}`));
      assert.equal(await trial.text(`${directory}/${name}`), 'content');
      assert.equal(nameOf((await trial.store.stat(`${directory}/${name}`)).path), name);
      await trial.settled(trial.store.move(directory, `/moved`));
      await trial.settled(trial.store.move('/moved', `/again/${name}`));
      assert.deepEqual(await trial.paths('/again', { recursive: true }), [
        `/again/${name}/`,
        ...[`/again/${name}/inside`, `/again/${name}/${name}`].sort(),
      ]);
      await trial.settled(trial.store.delete(`/again/${name}`, { recursive: true }));
      await trial.settled(trial.store.delete(file));
      assert.deepEqual([await trial.paths('/again'), await trial.paths('/files')], [[], []]);
    },
  };
}
