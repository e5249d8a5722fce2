import { StoreError } from '../../store/errors.ts';
import type { TransferOptions } from '../../store/store.ts';
import { assertTransfer, type Transfer } from '../../store/transfer-rules.ts';
import { lookingFirst } from './conditions.ts';
import type { DavServer } from './dav-server.ts';
import { makeParents } from './directories.ts';
import { findEntry } from './find-resource.ts';
import { moveResource, type Relocation } from './move-resource.ts';
import { stagedPath } from './staged-name.ts';
import { removeStaged } from './staged-upload.ts';

/** `Store.copy` and `Store.move`, at the server. */
export async function transfer(server: DavServer, call: Transfer & TransferOptions): Promise<void> {
  const { operation, from, to, ifRevision, signal } = call;
  const source = await findEntry(server, from, signal);
  if (source === undefined) throw new StoreError('NotFound', { path: from });
  if (!assertTransfer(call, source.kind, undefined)) return;
  const method = operation === 'copy' ? 'COPY' : 'MOVE';
  // Rules come before expectations: what is at the target may be refused for its kind alone.
  const target = await findEntry(server, to, signal);
  assertTransfer(call, source.kind, target?.kind);
  if (target === undefined && typeof ifRevision !== 'string') await makeParents(server, to, signal);
  await lookingFirst(server, { path: to, ifRevision, isTarget: true, signal }, async (found, condition) => {
    assertTransfer(call, source.kind, found?.kind);
    const relocation = { method, from, to, kind: source.kind, found, condition, signal } as const;
    const isStale = server.traits.wantsMoves && method === 'COPY' && found !== undefined;
    await (isStale ? copyAndMove(server, relocation) : moveResource(server, relocation));
  });
}

/** For servers that would go on answering what was there before: the copy is made beside it, and moved. */
async function copyAndMove(server: DavServer, relocation: Relocation): Promise<void> {
  const staged = stagedPath(relocation.to);
  try {
    await moveResource(server, { ...relocation, to: staged, found: undefined, condition: {} });
    await moveResource(server, { ...relocation, method: 'MOVE', from: staged });
  } catch (error) {
    await removeStaged(server, staged);
    throw error;
  }
}
