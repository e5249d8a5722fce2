/** The conformance suite over every store that needs no account: providers first, then what is built upon them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type SkippedCase, testStore } from '../src/conformance/index.ts';
import { Traffic } from '../src/http/traffic.ts';
import { MemoryStore } from '../src/providers/memory/memory-store.ts';
import { providers } from '../src/providers/registry.ts';
import type { Store } from '../src/store/store.ts';

const temporary = mkdtempSync(join(tmpdir(), 'cloudfusion-matrix-'));
after(() => rmSync(temporary, { recursive: true }));

interface Stack {
  readonly open: () => Store | Promise<Store>;
  readonly skip?: readonly SkippedCase[];
}

const stacks: Readonly<Record<string, Stack>> = {
  memory: { open: () => open('memory') },
  'memory that tells changes': { open: () => new MemoryStore({ changes: 'wait' }) },
  local: {
    open: () => open('local', { root: mkdtempSync(join(temporary, 'root-')) }),
    skip: [{ test: 'a directory of 2500 files is listed whole', reason: 'slow, and run in local-store.test.ts' }],
  },
};

for (const [name, stack] of Object.entries(stacks)) {
  testStore(name, { runner: { describe, it }, ...stack });
}

function open(name: string, settings: Readonly<Record<string, string>> = {}): Store | Promise<Store> {
  const provider = providers[name];
  if (provider === undefined) throw new TypeError(`there is no provider ${name}`);
  return provider.open(settings, { variables: {}, traffic: new Traffic() });
}
