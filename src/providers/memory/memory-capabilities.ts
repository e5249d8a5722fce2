import type { Capabilities } from '../../store/store.ts';

/** What a `MemoryStore` can do unless it is told otherwise. */
export const memoryCapabilities: Capabilities = {
  preconditions: 'atomic',
  modified: true,
  modifiedPrecision: 1,
  modifiedListed: true,
  caseSensitive: true,
  refusedNames: null,
  rangedReads: true,
  serverSideCopy: true,
  serverSideMove: true,
  maxFileSize: Infinity,
  metadata: 'any',
  maxMetadataBytes: 1 << 16,
  resumableFrom: Infinity,
  partialFrom: Infinity,
  changes: 'none',
  gatheredUpTo: 0,
};
