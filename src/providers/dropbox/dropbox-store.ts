import { HttpClient } from '../../http/http-client.ts';
import type { Capabilities } from '../../store/store.ts';
import type { Service } from '../service/service.ts';
import { httpOf } from '../service/service-options.ts';
import { ServiceStore } from '../service/service-store.ts';
import { dropboxChanges } from './dropbox-changes.ts';
import { deleteKnown, deletePath } from './dropbox-deletion.ts';
import { listFolder, listTree } from './dropbox-listing.ts';
import { makeFolder, statPath } from './dropbox-lookup.ts';
import { clientOf, type DropboxStoreOptions } from './dropbox-options.ts';
import { refusedNames } from './dropbox-path.ts';
import { readFile } from './dropbox-reading.ts';
import { transfer } from './dropbox-transfer.ts';
import { writeFile } from './dropbox-upload.ts';
import { dropboxUsage } from './dropbox-usage.ts';
import { gatheredBytes, GatheredWrites } from './gathered-writes.ts';
import { LongPoll, longestPoll } from './long-poll.ts';
import { chunkBytes } from './upload-session.ts';

/** Dropbox, by version 2 of its API. Nothing is asked before the first call. */
export class DropboxStore extends ServiceStore {
  /** Throws `Unsupported` for an address that is none. */
  constructor(options: DropboxStoreOptions) {
    super(dropboxOf(options));
  }
}

function dropboxOf(options: DropboxStoreOptions): Service {
  const { traffic, timeout, caFile, variables = process.env } = options;
  const http = httpOf(options);
  const waiting = options.http ?? new HttpClient({ traffic, timeout, caFile, variables, headersTimeout: longestPoll });
  const client = clientOf(options, http, waiting);
  const poll = new LongPoll(client);
  const gathered = new GatheredWrites(client);
  return {
    name: 'dropbox',
    capabilities,
    stat: (path, call) => statPath(client, path, call),
    list: (path, { recursive = false, signal }) => (recursive ? listTree : listFolder)(client, path, { signal }),
    read: (path, call) => readFile(client, path, call),
    write: (path, source, call) => writeFile({ client, gathered }, path, source, call),
    makeDirectory: (path, call) => makeFolder(client, path, call),
    delete: (path, call) => deletePath(client, path, call),
    deleteAll: (entries, call, store) => deleteKnown(client, store, entries, call),
    transfer: (call) => transfer(client, call),
    usage: (call) => dropboxUsage(client, call),
    changes: (since, call) => dropboxChanges(client, poll, since, call),
    close: async () => void (await Promise.all([http.close(), waiting.close()])),
  };
}

/**
 * Preconditions of `write` are Dropbox's own, and so are those of the deletion of a file. Those of `copy` and `move` are `checked`, and
 * `checked` is what holds for all of them.
 */
const capabilities: Capabilities = {
  preconditions: 'checked',
  modified: true,
  modifiedPrecision: 1000,
  modifiedListed: true,
  caseSensitive: false,
  refusedNames,
  rangedReads: true,
  serverSideCopy: true,
  serverSideMove: true,
  // 2 TiB, less a block of an upload session (https://www.dropbox.com/developers/documentation/http/documentation#files-upload_session-start).
  maxFileSize: 2 ** 41 - 2 ** 22,
  metadata: 'none',
  maxMetadataBytes: 0,
  resumableFrom: chunkBytes + 1,
  partialFrom: Infinity,
  changes: 'wait',
  gatheredUpTo: gatheredBytes,
};
