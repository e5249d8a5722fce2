import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { mountStore } from '../mount/mounted.ts';

/**
 * Fills the cache of compiled modules for the daemons of a suite: compiling is most of a daemon's start, and who is killed leaves nothing to the next, so
 * one ends in peace before.
 */
export function shareCompiledModules(): void {
  const compiled = mkdtempSync(join(tmpdir(), 'cloudfusion-compiled-'));
  before(async () => {
    process.env['NODE_COMPILE_CACHE'] ??= compiled;
    await using mounted = await mountStore();
    await mounted.stop();
  });
  after(() => rmSync(compiled, { recursive: true, force: true }));
}
