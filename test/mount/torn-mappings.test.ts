import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { mountStore } from './mounted.ts';
import { withoutPassthrough } from './without-passthrough.ts';

const size = 6 << 20;
const numbers = 40;
/** statfs(2): there, a page that is written again does not move the time of its file (TMPFS_MAGIC of linux/magic.h). */
const tmpfs = 0x0102_1994;
const inMemory = (await statfs(tmpdir())).type === tmpfs && 'needs a disk below the folder for temporary files';

/** Maps `pairs`, and stores each number at its beginning and then at its end; pauses let uploads come between. */
const program = `
  import { closeSync, ftruncateSync, openSync } from 'node:fs';
  import { Mapping } from '${new URL('../posix/memory-mapping.ts', import.meta.url).href}';
  const file = openSync('pairs', 'w+');
  ftruncateSync(file, ${size});
  const mapping = Mapping.of(file, ${size});
  closeSync(file);
  const view = new DataView(mapping.bytes.buffer, mapping.bytes.byteOffset, ${size});
  for (let i = 1; i <= ${numbers}; i++) {
    view.setUint32(0, i, true);
    if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, (i * 37) % 150));
    view.setUint32(${size} - 4, i, true);
    if (i % 4 === 0) await new Promise((resolve) => setTimeout(resolve, (i * 53) % 150));
  }
  mapping.sync();
  mapping[Symbol.dispose]();`;

// Without passthrough the kernel hands pages over in whatever order it likes: then there is no moment that a file was like.
describe('a mapping that is written past the daemon', {
  skip: withoutPassthrough || inMemory,
  timeout: 120_000,
}, () => {
  it('is never sent torn', async (t) => {
    await using mounted = await mountStore({ uploadDelay: 0 });
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: mounted.data,
      stdio: 'inherit',
    });
    const exit = once(child, 'exit');
    const sent = new Set<number>();
    for (let last = 0; last < numbers; await setTimeout(5)) {
      const bytes = await readFile(join(mounted.storeDirectory, 'pairs')).catch(() => Buffer.alloc(0));
      // Sent before it was made longer.
      if (bytes.length < size) continue;
      const [first, end] = [bytes.readUInt32LE(0), bytes.readUInt32LE(size - 4)];
      assert.ok(first - end === 0 || first - end === 1, `${first} at the beginning and ${end} at the end`);
      last = end;
      sent.add(last);
    }
    t.diagnostic(`${sent.size} versions were sent`);
    assert.deepEqual(await exit, [0, null]);
    assert.deepEqual(await mounted.errors(), []);
  });
});
