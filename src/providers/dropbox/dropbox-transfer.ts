import { randomUUID } from 'node:crypto';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { parentOf } from '../../store/path.ts';
import type { CallOptions, Entry, TransferOptions } from '../../store/store.ts';
import { assertTransfer, type Transfer } from '../../store/transfer-rules.ts';
import type { DropboxClient } from './dropbox-client.ts';
import { findEntry, lookUp } from './dropbox-lookup.ts';
import { type DropboxMetadata, metadataIn, textIn } from './dropbox-metadata.ts';
import { dropboxPath } from './dropbox-path.ts';

/** `Store.copy` and `Store.move` at Dropbox, each in one step unless something is replaced. */
export async function transfer(client: DropboxClient, call: Transfer & TransferOptions): Promise<void> {
  const { from, to, signal, ifRevision } = call;
  const [source, target] = [await findEntry(client, from, { signal }), await findEntry(client, to, { signal })];
  if (source === undefined) throw new StoreError('NotFound', { path: from });
  if (call.operation === 'move' && isSame(source, target) && from !== to) return await respell(client, call);
  if (!assertTransfer(call, source.kind, target?.kind)) return;
  assertRevision(target, to, ifRevision);
  if (target === undefined) return await relocate(client, call, source);
  await replace(client, call, source, target);
}

/**
 * Dropbox replaces nothing: what stands at the target goes aside first, comes back if the rest fails, and is deleted in the end. Whoever
 * is killed in between leaves both under names of their own.
 */
async function replace(
  client: DropboxClient,
  call: Transfer & TransferOptions,
  source: Entry,
  target: Entry,
): Promise<void> {
  const { to, signal } = call;
  const replaced = await lookUp(client, to, { signal });
  if (replaced?.['rev'] !== revisionOf(target)) throw new StoreError('Conflict', { path: to });
  const aside = `${parentOf(to) === '/' ? '' : parentOf(to)}/.replaced-${randomUUID()}`;
  const moved = await rename(client, to, aside, { signal });
  try {
    // A move has no condition of its own; a new version has the old id, and a moved one another revision.
    if (moved['content_hash'] !== replaced?.['content_hash']) throw new StoreError('Conflict', { path: to });
    await relocate(client, call, source);
  } catch (error) {
    await rename(client, aside, to, {});
    throw error;
  }
  await client.rpc('files/delete_v2', { path: dropboxPath(aside), parent_rev: textIn(moved, 'rev') }, {});
}

/** Answers what was moved. */
async function rename(client: DropboxClient, from: string, to: string, options: CallOptions): Promise<DropboxMetadata> {
  const paths = { from_path: dropboxPath(from), to_path: dropboxPath(to), autorename: false };
  try {
    return metadataIn((await client.rpc('files/move_v2', paths, options))['metadata']);
  } catch (error) {
    // The answer of an earlier attempt may have been lost.
    const found = isStoreError(error, 'NotFound') ? await lookUp(client, to, options) : undefined;
    if (found === undefined) throw error;
    return found;
  }
}

/** Another spelling of the same name is no move to Dropbox: it goes by way of a name of its own. */
async function respell(client: DropboxClient, { from, to, signal }: Transfer & CallOptions): Promise<void> {
  const between = dropboxPath(`${parentOf(from) === '/' ? '' : parentOf(from)}/${randomUUID()}`);
  await client.rpc('files/move_v2', { from_path: dropboxPath(from), to_path: between, autorename: false }, { signal });
  await client.rpc('files/move_v2', { from_path: between, to_path: dropboxPath(to), autorename: false }, {});
}

async function relocate(client: DropboxClient, call: Transfer & CallOptions, source: Entry): Promise<void> {
  const { operation, from, to, signal } = call;
  const paths = { from_path: dropboxPath(from), to_path: dropboxPath(to), autorename: false };
  try {
    await client.rpc(operation === 'move' ? 'files/move_v2' : 'files/copy_v2', paths, { signal });
  } catch (error) {
    // The answer of an earlier attempt may have been lost.
    const isMoved = operation === 'move' && isStoreError(error, 'NotFound');
    if (isMoved && (await lookUp(client, to, { signal }))?.['id'] === source.id) return;
    throw error;
  }
}

function isSame(source: Entry, target: Entry | undefined): boolean {
  return source.id !== undefined && source.id === target?.id;
}

function assertRevision(target: Entry | undefined, path: string, ifRevision: string | null | undefined): void {
  if (ifRevision === undefined) return;
  if (revisionOf(target) !== (ifRevision ?? undefined)) throw new StoreError('Conflict', { path });
}

function revisionOf(entry: Entry | undefined): string | undefined {
  return entry?.kind === 'file' ? entry.revision : undefined;
}
