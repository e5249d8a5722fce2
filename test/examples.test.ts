/** Every example runs, and the provider that the tutorial explains passes the conformance suite. */
import './own-package.ts';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const root = new URL('..', import.meta.url).pathname;
const hook = pathToFileURL(`${root}/test/own-package.ts`).href;

describe('examples', () => {
  for (const example of globSync('examples/*.ts', { cwd: root }).toSorted()) {
    it(`${example} runs`, { timeout: 60_000 }, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'example-'));
      try {
        const { stderr } = await promisify(execFile)(process.execPath, ['--import', hook, join(root, example)], {
          cwd: folder,
          timeout: 50_000,
        });
        assert.equal(stderr, '');
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

// Loaded after the hook, which static imports are not.
const { testStore } = await import('../src/conformance/index.ts');
const { SqliteStore } = await import('../examples/custom-provider.ts');

testStore('the provider of the tutorial', { runner: { describe, it }, open: () => new SqliteStore(':memory:') });
