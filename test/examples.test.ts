/** Every example runs, and the provider that the tutorial explains passes the conformance suite. */
import './own-package.ts';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
        const { stdout, stderr } = await promisify(execFile)(
          process.execPath,
          ['--import', hook, join(root, example)],
          {
            cwd: folder,
            timeout: 50_000,
          },
        );
        assert.equal(stderr, '');
        assert.equal(stdout, promisedOutput(readFileSync(join(root, example), 'utf8')));
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

/** What stands behind `// Prints:` at the end of an example. */
function promisedOutput(code: string): string {
  const [, lines = ''] = code.split('\n// Prints:\n');
  return lines.replaceAll(/^\/\/ /gm, '');
}

// Loaded after the hook, which static imports are not.
const { testStore } = await import('../src/conformance/index.ts');
const { SqliteStore } = await import('../examples/custom-provider.ts');

testStore('the provider of the tutorial', { runner: { describe, it }, open: () => new SqliteStore(':memory:') });
