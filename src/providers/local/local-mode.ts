import type { BigIntStats } from 'node:fs';
import { chmod, type FileHandle, open } from 'node:fs/promises';
import type { Metadata, SetMetadataOptions } from '../../store/store.ts';
import { withLock } from './keyed-lock.ts';
import type { LocalDisk } from './local-disk.ts';
import { LocalRefusal, tolerating } from './local-errors.ts';
import { assertRevision } from './local-rules.ts';
import { readFlags } from './read-flags.ts';

const typeBits = 0o170000;
const plainFile = 0o100000;
/** Read, write and execute. Set-user-id and its like are not taken from who writes to a store. */
const permissionBits = 0o777;

/** The permissions that metadata asks for, if it does. Throws `Unsupported` for what is no mode of a plain file. */
export function permissionsIn({ mode }: Metadata = {}): number | undefined {
  if (mode === undefined) return undefined;
  const bits = /^[0-7]{1,7}$/.test(mode) ? Number.parseInt(mode, 8) : Number.NaN;
  const type = bits & typeBits;
  if (Number.isNaN(bits) || (type !== 0 && type !== plainFile)) {
    throw new LocalRefusal('Unsupported', `${JSON.stringify(mode)} is no mode of a plain file`);
  }
  return bits & permissionBits;
}

/** Gives a file that exists the permissions that metadata asks for, durably. Answers its attributes afterwards. */
export async function setMode(
  disk: LocalDisk,
  path: string,
  metadata: Metadata,
  { ifRevision, signal }: SetMetadataOptions,
): Promise<BigIntStats> {
  const permissions = permissionsIn(metadata);
  const target = disk.root.absolute(path);
  return await withLock(target, async () => {
    const stats = await existing(disk, path);
    assertRevision(stats, ifRevision);
    signal?.throwIfAborted();
    if (permissions === undefined) return stats;
    const file = await tolerating(open(target, readFlags), 'EACCES');
    // The owner of a file may change its mode even where he may not open it.
    if (file === undefined) await chmod(target, permissions);
    else await changeOpen(file, permissions);
    return await existing(disk, path);
  });
}

async function changeOpen(file: FileHandle, permissions: number): Promise<void> {
  try {
    if (!(await file.stat()).isFile())
      throw new LocalRefusal('PermissionDenied', 'it became something else than a file');
    await file.chmod(permissions);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function existing({ root }: LocalDisk, path: string): Promise<BigIntStats> {
  const { stats } = await root.find(path);
  if (stats === undefined) throw new LocalRefusal('NotFound', 'there is no such file');
  if (stats.isDirectory()) throw new LocalRefusal('IsADirectory', 'directories keep no metadata');
  return stats;
}
