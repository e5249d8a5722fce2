import { StoreError } from '../../store/errors.ts';
import type { FileEntry, Metadata, SetMetadataOptions } from '../../store/store.ts';
import { lookingFirst } from './conditions.ts';
import { putMetadata } from './dav-metadata.ts';
import type { DavServer } from './dav-server.ts';
import { findEntry } from './find-resource.ts';

/** `Store.setMetadata`: one PROPPATCH between two looks at the file. */
export async function setMetadata(
  server: DavServer,
  path: string,
  wanted: Metadata,
  { ifRevision, signal }: SetMetadataOptions,
): Promise<FileEntry> {
  await existingFile(server, path, signal);
  return await server.writers.inTurn(path, signal, async () => {
    await lookingFirst(server, { path, ifRevision, isTarget: false, signal }, async (found, condition) => {
      if (found === undefined) throw new StoreError('NotFound', { path });
      const known = found.kind === 'file' ? found.metadata : undefined;
      await putMetadata(server, path, { wanted, known, condition, signal });
    });
    return await existingFile(server, path, signal);
  });
}

async function existingFile(server: DavServer, path: string, signal: AbortSignal | undefined): Promise<FileEntry> {
  const found = await findEntry(server, path, signal);
  if (found === undefined) throw new StoreError('NotFound', { path });
  if (found.kind === 'directory') throw new StoreError('IsADirectory', { path });
  return found;
}
