import type { Capabilities, DirectoryEntry, FileEntry } from '../../store/store.ts';
import type { MemoryDirectory, MemoryFile } from './memory-tree.ts';

const chunkBytes = 1 << 16;

/** A file's entry, with what a store of these capabilities tells. */
export function fileEntry(file: MemoryFile, path: string, capabilities: Capabilities): FileEntry {
  const { id, bytes, modified, revision, metadata } = file;
  return {
    kind: 'file',
    path,
    size: bytes.length,
    modified,
    id,
    ...(capabilities.preconditions === 'none' ? {} : { revision }),
    ...(capabilities.metadata === 'none' ? {} : { metadata }),
  };
}

/** A directory's entry. */
export function directoryEntry({ id, modified }: MemoryDirectory, path: string): DirectoryEntry {
  return { kind: 'directory', path, modified, id };
}

/** The bytes, copied piece by piece: the reader may change what it gets. */
export async function* memoryBody(bytes: Uint8Array, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    signal?.throwIfAborted();
    yield bytes.slice(at, at + chunkBytes);
  }
}
