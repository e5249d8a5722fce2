import { StoreError } from '../../store/errors.ts';
import type { CallOptions, Capabilities, Entry } from '../../store/store.ts';
import type { Service } from '../service/service.ts';
import { httpOf } from '../service/service-options.ts';
import { ServiceStore } from '../service/service-store.ts';
import { SugarCalls } from './sugar-calls.ts';
import { deleteKnown, deletePath } from './sugar-deletion.ts';
import { listDirectory, listTree } from './sugar-listing.ts';
import { refusedNames } from './sugar-names.ts';
import { readFile } from './sugar-reading.ts';
import { entryOf } from './sugar-resource.ts';
import { transfer } from './sugar-transfer.ts';
import { SugarTree } from './sugar-tree.ts';
import { writeFile } from './sugar-writing.ts';
import { clientOf, type SugarSyncStoreOptions } from './sugarsync-options.ts';

/** SugarSync, by its Platform API. Nothing is asked before the first call. */
export class SugarSyncStore extends ServiceStore {
  /** Throws `Unsupported` for an address that is none. */
  constructor(options: SugarSyncStoreOptions) {
    super(sugarSyncOf(options));
  }
}

function sugarSyncOf(options: SugarSyncStoreOptions): Service {
  const { root = '/', deletePermanently: isPermanent = false, maxFileSize = Infinity } = options;
  const http = httpOf(options);
  const tree = new SugarTree(new SugarCalls(clientOf(options, http)), root);
  return {
    name: 'sugarsync',
    capabilities: capabilitiesWith(maxFileSize),
    stat: (path, call) => statPath(tree, path, call),
    list: (path, { recursive = false, signal }) => (recursive ? listTree : listDirectory)(tree, path, { signal }),
    read: (path, call) => readFile(tree, path, call),
    write: (path, source, call) => writeFile(tree, path, source, call),
    makeDirectory: (path, call) => makeDirectory(tree, path, call),
    delete: (path, call) => deletePath(tree, path, call, isPermanent),
    deleteAll: (entries, call, store) => deleteKnown(tree, store, entries, call),
    transfer: (call) => transfer(tree, call, isPermanent),
    usage: async (call) => (await tree.calls.freshAccount(call)).usage,
    close: () => http.close(),
  };
}

async function statPath(tree: SugarTree, path: string, options: CallOptions): Promise<Entry> {
  const found = await tree.find(path, options);
  if (found === undefined) throw new StoreError('NotFound', { path });
  return entryOf(found, path);
}

async function makeDirectory(tree: SugarTree, path: string, options: CallOptions): Promise<void> {
  const found = await tree.find(path, options);
  if (found?.kind === 'file') throw new StoreError('AlreadyExists', { path });
  if (found === undefined) await tree.fresh(() => tree.ensureFolder(path, options));
}

/**
 * A revision is made of time and size, and checked by a request just before a change. Times are SugarSync's own, in whole seconds as
 * far as its documents show.
 */
function capabilitiesWith(maxFileSize: number): Capabilities {
  return {
    preconditions: 'checked',
    modified: false,
    modifiedPrecision: 1000,
    modifiedListed: true,
    caseSensitive: false,
    refusedNames,
    rangedReads: true,
    serverSideCopy: true,
    serverSideMove: true,
    maxFileSize,
    metadata: 'none',
    maxMetadataBytes: 0,
    resumableFrom: Infinity,
    partialFrom: Infinity,
    gatheredUpTo: 0,
    changes: 'none',
  };
}
