import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { CacheTrial, contentsOf, until } from '../../test/fakes/cache-trial.ts';
import { MemoryStore } from '../providers/memory/memory-store.ts';
import { writeBytes } from '../store/operations.ts';

const limit = { timeout: 30_000 };

/** Two machines on one account, which look again whenever they are asked. */
function twoMachines(t: TestContext): { store: MemoryStore; here: CacheTrial; there: CacheTrial } {
  const store = new MemoryStore();
  const options = { store, metadataTime: 1 };
  return {
    store,
    here: new CacheTrial(t, { ...options, host: 'here' }),
    there: new CacheTrial(t, { ...options, host: 'there' }),
  };
}

/** The name of a conflict copy that was made today, whatever the day is. */
function copyOf(found: Record<string, string | null>, host: string, stem: string, extension: string): string {
  const name = new RegExp(`^${stem} \\(conflicted copy ${host} \\d{4}-\\d\\d-\\d\\d\\)${extension}$`);
  const copies = Object.keys(found).filter((path) => name.test(path));
  assert.equal(copies.length, 1, `one copy among ${Object.keys(found).join(', ')}`);
  return copies[0] as string;
}

/** Both machines show what the store has. */
async function assertAllSee(machines: readonly CacheTrial[], expected: Record<string, string | null>): Promise<void> {
  for (const { cache } of machines) assert.deepEqual(await contentsOf(cache), expected);
}

describe('two machines change one file', () => {
  it('both versions exist on both in the end, the second beside the first', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await writeBytes(store, '/report.txt', 'old');
    for (const machine of [here, there]) await machine.text('/report.txt');
    await there.save('/report.txt', 'from there');
    await here.save('/report.txt', 'from here');
    await there.cache.drain();
    await here.cache.drain();
    const found = await contentsOf(store);
    const copy = copyOf(found, 'here', '/report', '\\.txt');
    assert.deepEqual(found, { [copy]: 'from here', '/report.txt': 'from there' });
    await assertAllSee([here, there], found);
    assert.deepEqual(there.cache.problems(), []);
    assert.deepEqual(
      here.cache.problems().map(({ kind, path }) => [kind, path]),
      [['conflict', '/report.txt']],
    );
    assert.ok(here.cache.problems()[0]?.message.includes(copy));
    const told = here.cache.problems();
    await here.reopen();
    assert.deepEqual(here.cache.problems(), told, 'the next run tells of it too');
    assert.equal(here.tree.stateOf(await here.id(copy)), 'clean');
  });

  it('also when both created it', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await here.save('/new', 'from here');
    await there.save('/new', 'from there');
    await there.cache.drain();
    await here.cache.drain();
    const found = await contentsOf(store);
    assert.deepEqual(found, { [copyOf(found, 'here', '/new', '')]: 'from here', '/new': 'from there' });
    await assertAllSee([here, there], found);
  });

  it('not when both wrote the same', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await here.save('/new', 'same');
    await there.save('/new', 'same');
    await there.cache.drain();
    await here.cache.drain();
    await assertAllSee([here, there], { '/new': 'same' });
    assert.deepEqual(await contentsOf(store), { '/new': 'same' });
    assert.deepEqual(here.cache.problems(), []);
  });

  it('a file that was deleted and made again gives way to their change too', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await writeBytes(store, '/f', 'old');
    for (const machine of [here, there]) await machine.text('/f');
    await here.remove('/f');
    await here.save('/f', 'from here');
    await there.save('/f', 'from there');
    await there.cache.drain();
    await here.cache.drain();
    const found = await contentsOf(store);
    assert.deepEqual(found, { [copyOf(found, 'here', '/f', '')]: 'from here', '/f': 'from there' });
    await assertAllSee([here, there], found);
  });

  it('a file that is renamed onto a name that they made', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await writeBytes(store, '/f', 'moved');
    await here.text('/f');
    await here.rename('/f', '/g');
    await there.save('/g', 'from there');
    await there.cache.drain();
    await here.cache.drain();
    const found = await contentsOf(store);
    assert.deepEqual(found, { [copyOf(found, 'here', '/g', '')]: 'moved', '/g': 'from there' });
    await assertAllSee([here, there], found);
  });
});

describe('a rename against a change', () => {
  it('we renamed what they changed: their version has our name', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await writeBytes(store, '/f', 'old');
    for (const machine of [here, there]) await machine.text('/f');
    await here.rename('/f', '/g');
    await there.save('/f', 'from there');
    await there.cache.drain();
    await here.cache.drain();
    assert.deepEqual(await contentsOf(store), { '/g': 'from there' });
    await until(async () => (await here.text('/g')) === 'from there');
    await assertAllSee([here, there], { '/g': 'from there' });
  });

  it('we renamed and changed what they changed: both are kept', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await writeBytes(store, '/f', 'old');
    for (const machine of [here, there]) await machine.text('/f');
    await here.rename('/f', '/g');
    await here.save('/g', 'from here');
    await there.save('/f', 'from there');
    await there.cache.drain();
    await here.cache.drain();
    const found = await contentsOf(store);
    assert.deepEqual(found, { [copyOf(found, 'here', '/g', '')]: 'from here', '/g': 'from there' });
    await assertAllSee([here, there], found);
  });
});

describe('a change against a delete', () => {
  it('they deleted what we changed: ours is kept', limit, async (t) => {
    for (const look of [true, false]) {
      await t.test(look ? 'and we have seen it' : 'and we have not', async (each) => {
        const { store, here, there } = twoMachines(each);
        await writeBytes(store, '/f', 'old');
        for (const machine of [here, there]) await machine.text('/f');
        await here.save('/f', 'edited');
        await there.remove('/f');
        await there.cache.drain();
        if (look) await until(async () => (await here.tree.list(here.tree.root)).length === 1);
        await here.cache.drain();
        assert.deepEqual(await contentsOf(store), { '/f': 'edited' });
        await assertAllSee([here, there], { '/f': 'edited' });
        assert.deepEqual(here.cache.problems(), []);
      });
    }
  });

  it('we deleted what they changed: theirs is kept', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await writeBytes(store, '/f', 'old');
    for (const machine of [here, there]) await machine.text('/f');
    await here.remove('/f');
    await there.save('/f', 'edited');
    await there.cache.drain();
    await here.cache.drain();
    assert.deepEqual(await contentsOf(store), { '/f': 'edited' });
    await assertAllSee([here, there], { '/f': 'edited' });
  });

  it('we deleted a directory into which they put something', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await writeBytes(store, '/d/old', 'old');
    await writeBytes(store, '/d/changed', 'old');
    for (const machine of [here, there]) for (const path of ['/d/old', '/d/changed']) await machine.text(path);
    await here.remove('/d/old');
    await here.remove('/d/changed');
    await here.remove('/d', 'directory');
    await there.save('/d/new', 'from there');
    await there.save('/d/changed', 'changed');
    await there.cache.drain();
    await here.cache.drain();
    const expected = { '/d': null, '/d/changed': 'changed', '/d/new': 'from there' };
    assert.deepEqual(await contentsOf(store), expected);
    await assertAllSee([here, there], expected);
  });

  it('they deleted a directory into which we put something', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await writeBytes(store, '/d/old', 'old');
    for (const machine of [here, there]) await machine.text('/d/old');
    await here.save('/d/new', 'from here');
    await there.remove('/d/old');
    await there.remove('/d', 'directory');
    await there.cache.drain();
    await here.cache.drain();
    await assertAllSee([here, there], { '/d': null, '/d/new': 'from here' });
  });
});

describe('directories', () => {
  it('that both made are one', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    for (const [machine, name] of [
      [here, 'here'],
      [there, 'there'],
    ] as const) {
      await machine.makeDirectory('/d');
      await machine.makeDirectory('/d/sub');
      await machine.save(`/d/sub/${name}`, name);
    }
    await there.cache.drain();
    await here.cache.drain();
    const expected = { '/d': null, '/d/sub': null, '/d/sub/here': 'here', '/d/sub/there': 'there' };
    assert.deepEqual(await contentsOf(store), expected);
    await assertAllSee([here, there], expected);
    assert.deepEqual(here.cache.problems(), []);
  });

  it('a directory here and a file there of one name are both kept', limit, async (t) => {
    const { store, here, there } = twoMachines(t);
    await here.makeDirectory('/x');
    await here.save('/x/f', 'in the directory');
    await there.save('/x', 'a file');
    await there.cache.drain();
    await here.cache.drain();
    const found = await contentsOf(store);
    const copy = copyOf(found, 'here', '/x', '');
    assert.deepEqual(found, { [copy]: null, [`${copy}/f`]: 'in the directory', '/x': 'a file' });
    await assertAllSee([here, there], found);
  });
});
