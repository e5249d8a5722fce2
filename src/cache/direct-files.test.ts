import assert from 'node:assert/strict';
import { ftruncateSync, readSync, writeSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { CacheTrial, readFrom } from '../../test/fakes/cache-trial.ts';
import { openDirectly } from '../../test/fakes/direct-writer.ts';
import { readText, writeBytes } from '../store/operations.ts';

const limit = { timeout: 60_000 };

/** Longer than the clock of file times takes for a step. */
const aStep = 30;

function text(descriptor: number): string {
  const into = Buffer.alloc(100);
  return into.toString('utf8', 0, readSync(descriptor, into, 0, into.length, 0));
}

describe('a file that a program writes past the cache', () => {
  it('shows its size and content at once, and is dirty from the first byte', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'first');
    await trial.cache.drain();
    const [file, descriptor] = await openDirectly(trial, '/a', true);
    assert.equal(trial.tree.stateOf(file.node.id), 'clean');
    await setTimeout(aStep);
    writeSync(descriptor, ' and more', 5);
    assert.equal((await trial.find('/a'))?.size, 14);
    assert.equal(trial.tree.stateOf(file.node.id), 'waiting');
    assert.equal(await trial.text('/a'), 'first and more');
    assert.equal(trial.cache.statistics().cachedBytes, 14);
    file.release();
    await trial.cache.drain();
    assert.equal(await readText(trial.store, '/a'), 'first and more');
  });

  it('is seen to be written right after it came', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    for (let i = 0; i < 20; i++) await writeBytes(trial.store, `/${i}`, 'first');
    for (let i = 0; i < 20; i++) {
      await trial.text(`/${i}`);
      const [file, descriptor] = await openDirectly(trial, `/${i}`, true);
      writeSync(descriptor, 'other', 0);
      file.release();
      assert.equal(trial.tree.stateOf(file.node.id), 'waiting', `/${i}`);
    }
  });

  it('keeps the time that its program sets after writing', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'first');
    const [file, descriptor] = await openDirectly(trial, '/a', true);
    writeSync(descriptor, 'other', 0);
    trial.tree.setAttributes(file.node.id, { modified: 1_000_000_000_000 });
    await file.flush();
    file.release();
    assert.equal((await trial.find('/a'))?.modified, 1_000_000_000_000);
  });

  it('is not sent when it was only opened', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'first');
    await trial.cache.drain();
    trial.seen.length = 0;
    const [file] = await openDirectly(trial, '/a', true);
    await file.flush();
    file.release();
    await trial.cache.drain();
    assert.deepEqual([trial.sent(), trial.cache.pending()], [[], []]);
  });

  it('is sent while it is open, and again when it is written again', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'first');
    const [file, descriptor] = await openDirectly(trial, '/a', true);
    for (const version of ['one', 'two']) {
      await setTimeout(aStep);
      writeSync(descriptor, version, 0);
      await trial.cache.drain();
      assert.equal(await readText(trial.store, '/a'), `${version}st`);
      assert.equal(trial.tree.stateOf(file.node.id), 'clean');
    }
    file.release();
    assert.deepEqual(trial.cache.pending(), []);
  });

  it('is seen when nobody asks for it', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0, uploadDelay: 1 });
    await trial.save('/a', 'first');
    await trial.cache.drain();
    const [file, descriptor] = await openDirectly(trial, '/a', true);
    await setTimeout(aStep);
    writeSync(descriptor, 'later', 0);
    while ((await readText(trial.store, '/a')) !== 'later') await setTimeout(20);
    file.release();
  });

  it('is never sent torn: what is written during an upload ends it', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    const size = 6 << 20;
    await trial.save('/a', Buffer.alloc(size, 'a'));
    const [file, descriptor] = await openDirectly(trial, '/a', true);
    const write = trial.store.write.bind(trial.store);
    let blocks = 0;
    trial.store.write = async (path, source, options) =>
      write(
        path,
        {
          size: source.size,
          slice: (start, end) => source.slice(start, end),
          async *stream() {
            for await (const block of source.stream()) {
              // After the first block of the first try everything changes, behind and before what was read.
              if (blocks++ === 0) writeSync(descriptor, Buffer.alloc(size, 'b'), 0, size, 0);
              yield block;
            }
          },
        },
        options,
      );
    await setTimeout(aStep);
    await trial.cache.drain();
    assert.equal(await readText(trial.store, '/a'), 'b'.repeat(size));
    assert.ok(blocks > 6, 'the first try did not end early');
    file.release();
  });

  it('is looked at before it is cut, lengthened or written by others', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'first');
    const [direct, descriptor] = await openDirectly(trial, '/a', true);
    const other = await trial.open('/a', true);
    writeSync(descriptor, '1234567890', 0);
    await other.write(10, Buffer.from('abc'));
    assert.equal(text(descriptor), '1234567890abc');
    writeSync(descriptor, 'xyz', 13);
    await trial.tree.truncate(direct.node.id, 15);
    assert.equal(text(descriptor), '1234567890abcxy');
    ftruncateSync(descriptor, 4);
    await other.allocate(0, 6, false);
    assert.equal(Buffer.from(await readFrom(other, 0, 100)).toString(), '1234\0\0');
    assert.equal(trial.cache.statistics().cachedBytes, 6);
    direct.release();
    other.release();
  });

  it('stays whole when it was removed, until it is closed', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'first');
    const [file, descriptor] = await openDirectly(trial, '/a', true);
    await trial.remove('/a');
    writeSync(descriptor, 'second', 0);
    assert.equal(trial.tree.get(file.node.id).size, 6);
    file.release();
    assert.equal(trial.cache.statistics().cachedBytes, 0);
    assert.throws(() => trial.tree.get(file.node.id));
  });
});

describe('a file that is open directly while the store gets another version', () => {
  it('stays as it was for who has it open, and is new for who opens it', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0, metadataTime: 1 });
    await writeBytes(trial.store, '/a', 'old');
    await trial.text('/a');
    const [file, descriptor] = await openDirectly(trial, '/a', false);
    await writeBytes(trial.store, '/a', 'from elsewhere');
    await setTimeout(5);
    assert.equal(await trial.text('/a'), 'from elsewhere');
    assert.notEqual(await trial.id('/a'), file.node.id);
    assert.equal(text(descriptor), 'old');
    assert.equal(file.node.parent, null);
    file.release();
    assert.equal(await trial.text('/a'), 'from elsewhere');
    await trial.cache.drain();
    assert.deepEqual(trial.sent(), []);
  });

  it('keeps its version while it is open for writing, and both when it is written', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0, metadataTime: 1 });
    await writeBytes(trial.store, '/a', 'old');
    await trial.text('/a');
    const [file, descriptor] = await openDirectly(trial, '/a', true);
    await writeBytes(trial.store, '/a', 'from elsewhere');
    await setTimeout(aStep);
    assert.equal(await trial.text('/a'), 'old');
    writeSync(descriptor, 'ours', 0);
    file.release();
    await trial.cache.drain();
    const names = (await trial.tree.list(trial.tree.root)).map(({ shownName }) => shownName);
    assert.equal(names.length, 2);
    assert.equal(await readText(trial.store, '/a'), 'from elsewhere');
    const copy = names.find((name) => name.includes('conflicted')) as string;
    assert.equal(await readText(trial.store, `/${copy}`), 'ours');
  });

  it('is replaced by who writes the whole file here, as by a rename', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await trial.save('/a', 'old');
    await trial.cache.drain();
    const [file, descriptor] = await openDirectly(trial, '/a', true);
    await writeBytes(trial.cache, '/a', 'whole');
    writeSync(descriptor, 'lost', 0);
    assert.equal(text(descriptor), 'lost');
    file.release();
    await trial.cache.drain();
    assert.equal(await readText(trial.store, '/a'), 'whole');
    assert.equal(await readText(trial.cache, '/a'), 'whole');
  });
});

describe('the limits of a cache', () => {
  it('count what was written past it, and hold back writers when they are near', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0, maxBytes: 1000, hardMaxBytes: 2000 });
    await trial.save('/a', 'first');
    const [file, descriptor] = await openDirectly(trial, '/a', true);
    writeSync(descriptor, Buffer.alloc(1900));
    await file.flush();
    assert.equal(trial.cache.statistics().cachedBytes, 1900);
    await trial.save('/b', 'other');
    assert.equal((await trial.open('/b', true)).openDirectly(false), undefined);
    const reader = await trial.open('/a');
    assert.equal(reader.openDirectly(false)?.isLimited, false);
    const second = await trial.open('/a', true);
    assert.equal(second.openDirectly(true)?.isLimited, true);
    for (const open of [file, reader, second]) open.release();
  });

  it('evict nothing that is open directly', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0, maxBytes: 1000 });
    await trial.save('/a', 'first');
    await trial.cache.drain();
    const [file, descriptor] = await openDirectly(trial, '/a', false);
    await trial.save('/b', Buffer.alloc(2000));
    assert.equal(text(descriptor), 'first');
    trial.faults.offline = true;
    assert.equal(await trial.text('/a'), 'first');
    file.release();
  });
});

describe('opening directly', () => {
  it('takes a whole content', limit, async (t) => {
    const trial = new CacheTrial(t, { inlineBytes: 0 });
    await writeBytes(trial.store, '/a', 'not here yet');
    const file = await trial.open('/a', true);
    assert.equal(file.openDirectly(false), undefined);
    await readFrom(file, 0, 100);
    assert.ok(file.openDirectly(false) !== undefined);
    file.closeDirectly();
    file.release();
  });
});
