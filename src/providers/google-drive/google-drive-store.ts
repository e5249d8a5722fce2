import type { CallOptions, Capabilities, Entry } from '../../store/store.ts';
import { StoreError } from '../../store/errors.ts';
import type { Service } from '../service/service.ts';
import { httpOf } from '../service/service-options.ts';
import { ServiceStore } from '../service/service-store.ts';
import { DriveChanges } from './drive-changes.ts';
import { deleteKnown, deletePath } from './drive-deletion.ts';
import { entryOf } from './drive-entry.ts';
import { listDirectory, listTree } from './drive-listing.ts';
import { maxMetadataBytes } from './drive-metadata.ts';
import { readFile } from './drive-reading.ts';
import { transfer } from './drive-transfer.ts';
import type { DriveTree } from './drive-tree.ts';
import { driveUsage } from './drive-usage.ts';
import { resumableFrom, setMetadata, writeFile } from './drive-writing.ts';
import { type GoogleDriveStoreOptions, treeOf } from './google-drive-options.ts';

/**
 * Google Drive, by version 3 of its API: all of an account, a shared drive, or a folder of one. Nothing is asked before the first
 * call. Several files of one name are told apart by their ids; documents of Google's editors and shortcuts are links that cannot
 * be written.
 */
export class GoogleDriveStore extends ServiceStore {
  /** Throws `Unsupported` for an address that is none. */
  constructor(options: GoogleDriveStoreOptions) {
    super(driveOf(options));
  }
}

function driveOf(options: GoogleDriveStoreOptions): Service {
  const { deletePermanently: isPermanent = false } = options;
  const http = httpOf(options);
  const tree = treeOf(options, http);
  const feed = new DriveChanges(tree);
  return {
    name: 'google drive',
    capabilities,
    stat: (path, call) => statPath(tree, path, call),
    list: (path, { recursive = false, signal }) => (recursive ? listTree : listDirectory)(tree, path, { signal }),
    read: (path, call) => readFile(tree, path, call),
    write: (path, source, call) => writeFile(tree, path, source, call),
    setMetadata: (path, metadata, call) => setMetadata(tree, path, metadata, call),
    makeDirectory: (path, call) => makeDirectory(tree, path, call),
    delete: (path, call) => deletePath(tree, path, call, isPermanent),
    deleteAll: (entries, call, store) => deleteKnown(tree, store, entries, call),
    transfer: (call) => transfer(tree, call, isPermanent),
    usage: (call) => driveUsage(tree.calls, call),
    changes: (since, call) => feed.since(since, call),
    close: () => http.close(),
  };
}

async function statPath(tree: DriveTree, path: string, options: CallOptions): Promise<Entry> {
  const found = await tree.find(path, options);
  if (found === undefined) throw new StoreError('NotFound', { path });
  return entryOf(found, path);
}

async function makeDirectory(tree: DriveTree, path: string, options: CallOptions): Promise<void> {
  const found = await tree.find(path, options);
  if (found !== undefined && entryOf(found, path).kind === 'file') throw new StoreError('AlreadyExists', { path });
  await tree.fresh(path, () => tree.ensureDirectory(path, options));
}

/** Preconditions are `checked`: Drive knows none. */
const capabilities: Capabilities = {
  preconditions: 'checked',
  modified: true,
  modifiedPrecision: 1,
  modifiedListed: true,
  caseSensitive: true,
  refusedNames: null,
  rangedReads: true,
  serverSideCopy: true,
  serverSideMove: true,
  // 5,120 GB (https://support.google.com/drive/answer/37603).
  maxFileSize: 5_120_000_000_000,
  metadata: 'any',
  maxMetadataBytes,
  resumableFrom,
  partialFrom: Infinity,
  changes: 'poll',
  gatheredUpTo: 0,
};
