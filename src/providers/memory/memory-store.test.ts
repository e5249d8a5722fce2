import { describe, it } from 'node:test';
import { testStore } from '../../conformance/index.ts';
import { MemoryStore } from './memory-store.ts';

testStore('MemoryStore', { runner: { describe, it }, open: () => new MemoryStore() });
