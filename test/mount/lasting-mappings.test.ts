import assert from 'node:assert/strict';
import { closeSync, constants, ftruncateSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Mapping } from '../posix/memory-mapping.ts';
import { type Mounted, mountStore, withoutFuse } from './mounted.ts';
import { withoutPassthrough } from './without-passthrough.ts';

const hour = 3_600_000;
const { O_CREAT, O_RDONLY, O_RDWR } = constants;
const beginningOf = ({ bytes }: Mapping): string => Buffer.from(bytes.subarray(0, 5)).toString();

/** Mappings whose descriptors are closed: the kernel tells of the last close although the mapping lives on. */
for (const passthrough of [true, false]) {
  const skip = passthrough ? withoutPassthrough : withoutFuse;
  describe(`mappings ${passthrough ? 'with' : 'without'} passthrough`, { skip, timeout: 120_000 }, () => {
    let mounted: Mounted;
    const path = (name: string): string => join(mounted.data, name);

    /** Maps a new file, and closes it. */
    const mapNew = (name: string, size: number): Mapping => {
      const descriptor = openSync(path(name), O_RDWR | O_CREAT, 0o644);
      writeSync(descriptor, name.padEnd(5, '.'));
      ftruncateSync(descriptor, size);
      const mapping = Mapping.of(descriptor, size);
      closeSync(descriptor);
      return mapping;
    };

    before(async () => {
      mounted = await mountStore({ passthrough, uploadDelay: hour });
    });
    after(async () => {
      try {
        assert.deepEqual(await mounted.errors(), []);
      } finally {
        await mounted[Symbol.asyncDispose]();
      }
    });

    it('show their file, whatever others make and remove', async () => {
      const mappings = ['own 1', 'own 2', 'own 3'].map((name) => [name, mapNew(name, 4096)] as const);
      const gone = mapNew('gone', 4096);
      unlinkSync(path('gone'));
      for (let i = 0; i < 200; i++) {
        writeFileSync(path(`other ${i % 20}`), `other ${i}`);
        if (i % 40 === 39) await setTimeout(60);
      }
      for (const [name, mapping] of mappings) assert.equal(beginningOf(mapping), name);
      assert.equal(beginningOf(gone), 'gone.');
      for (const [, mapping] of mappings) mapping[Symbol.dispose]();
      gone[Symbol.dispose]();
    });

    for (const size of [4096, 2_000_000])
      it(`are sent with what was stored after the close, ${size} bytes`, async () => {
        using mapping = mapNew(`late ${size}`, size);
        await setTimeout(200);
        await mounted.drain();
        mapping.bytes.set(Buffer.from('later'));
        if (!passthrough) mapping.sync();
        await setTimeout(2500);
        await mounted.drain();
        const stored = await readFile(join(mounted.storeDirectory, `late ${size}`));
        assert.deepEqual([stored.length, stored.toString('utf8', 0, 5)], [size, 'later']);
      });

    it('of a file that was there before show it', async () => {
      writeFileSync(path('before'), 'there'.padEnd(100_000));
      await setTimeout(100);
      const descriptor = openSync(path('before'), O_RDONLY);
      using mapping = Mapping.of(descriptor, 4096, { writable: false });
      closeSync(descriptor);
      writeFileSync(path('before'), 'after'.padEnd(100_000));
      await setTimeout(100);
      assert.equal(beginningOf(mapping), 'after');
    });
  });
}
