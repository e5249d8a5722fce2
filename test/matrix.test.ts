/** The conformance suite over every store that needs no account: providers first, then what is built upon them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { testStore } from '../src/conformance/index.ts';
import { providers } from '../src/providers/registry.ts';
import type { Store } from '../src/store/store.ts';

const temporary = mkdtempSync(join(tmpdir(), 'cloudfusion-matrix-'));
after(() => rmSync(temporary, { recursive: true }));

const stacks: Readonly<Record<string, () => Store | Promise<Store>>> = {
  memory: () => open('memory'),
  local: () => open('local', { root: mkdtempSync(join(temporary, 'root-')) }),
};

for (const [name, openStack] of Object.entries(stacks)) {
  testStore(name, { runner: { describe, it }, open: openStack });
}

function open(name: string, settings: Readonly<Record<string, string>> = {}): Store | Promise<Store> {
  const provider = providers[name];
  if (provider === undefined) throw new TypeError(`there is no provider ${name}`);
  return provider.open(settings, {});
}
