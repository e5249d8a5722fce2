import { open } from 'node:fs/promises';
import { StoreError } from './errors.ts';
import type { Source } from './store.ts';

const blockBytes = 1 << 20;

/** Bytes in memory as a `Source`. They are not copied: do not change them afterwards. A string becomes UTF-8. */
export function bytesSource(data: Uint8Array | string): Source {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  return {
    size: bytes.length,
    slice: (start, end) => bytesSource(bytes.subarray(start, end)),
    async *stream() {
      if (bytes.length > 0) yield bytes;
    },
  };
}

/**
 * A file on disk as a `Source`, as large as it is now. Reading it later throws `Corrupt` when it has become shorter; whoever
 * may change the file in place must guard against torn reads himself.
 */
export async function fileSource(path: string): Promise<Source> {
  const file = await open(path);
  try {
    return fileRange(path, 0, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

function fileRange(path: string, start: number, end: number): Source {
  const size = Math.max(0, end - start);
  return {
    size,
    slice: (from, to) => fileRange(path, start + Math.min(from, size), start + Math.min(to, size)),
    stream: () => streamFile(path, start, start + size),
  };
}

async function* streamFile(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    for (let at = start; at < end; ) {
      const block = new Uint8Array(Math.min(blockBytes, end - at));
      const { bytesRead } = await file.read(block, 0, block.length, at);
      if (bytesRead === 0)
        throw new StoreError('Corrupt', { message: `the file became shorter while it was read (${path})` });
      yield block.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
