import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readBytes } from '../../store/operations.ts';
import { LocalStore } from './local-store.ts';

const temporary = mkdtempSync(join(tmpdir(), 'cloudfusion-crash-'));
after(() => rmSync(temporary, { recursive: true }));

/** Overwrites three files for ever; says so after each, so that the test knows when it may be killed. */
const writer = `
  import { LocalStore } from ${JSON.stringify(import.meta.resolve('./local-store.ts'))};
  import { bytesSource } from ${JSON.stringify(import.meta.resolve('../../store/source.ts'))};
  const store = new LocalStore({ root: process.argv[1] });
  const write = async (path) => {
    for (let round = 0; ; round++) {
      await store.write(path, bytesSource(new Uint8Array(500_000 + (round % 256)).fill(round)));
      process.stdout.write('.');
    }
  };
  await Promise.all(['/a', '/d/b', '/d/c'].map(write));
`;

describe('a LocalStore whose process is killed', { timeout: 120_000 }, () => {
  for (const writes of [1, 7, 12]) {
    it(`after ${writes} writes holds whole files, and the next one finds no leftovers`, async () => {
      const root = mkdtempSync(join(temporary, 'root-'));
      const child = spawn(process.execPath, ['--input-type=module', '-e', writer, root], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let written = 0;
      for await (const chunk of child.stdout) {
        written += (chunk as Buffer).length;
        if (written >= writes) break;
      }
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      const store = new LocalStore({ root });
      assert.ok(!readdirSync(root).includes('.cloudfusion-uploads'));
      let files = 0;
      for await (const entry of store.list('/', { recursive: true })) {
        if (entry.kind === 'directory') continue;
        files++;
        const bytes = await readBytes(store, entry.path);
        const [first = 0] = bytes;
        assert.equal(bytes.length, 500_000 + first);
        assert.ok(
          bytes.every((byte) => byte === first),
          `${entry.path} is a mixture`,
        );
      }
      assert.ok(files > 0);
    });
  }
});
