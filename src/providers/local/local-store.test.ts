import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { testStore } from '../../conformance/index.ts';
import { LocalStore } from './local-store.ts';

const temporary = mkdtempSync(join(tmpdir(), 'cloudfusion-local-'));
after(() => rmSync(temporary, { recursive: true }));
const newRoot = (): string => mkdtempSync(join(temporary, 'root-'));

testStore('LocalStore', { runner: { describe, it }, open: () => new LocalStore({ root: newRoot() }) });
