import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { unmountPath } from '../src/fuse/unmount.ts';

/** A directory to work in, and what lies below it on the disk. */
export interface Subject {
  readonly name: string;
  /** Where the workloads run. */
  readonly directory: string;
  /** The plain files behind it. */
  readonly below: string;
  readonly stop: () => Promise<void>;
}

/** The disk itself. */
export function rawDisk(scratch: string): Subject {
  const directory = join(scratch, 'raw');
  mkdirSync(directory);
  return { name: 'raw disk', directory, below: directory, stop: async () => undefined };
}

/** bindfs, a C program on libfuse over a folder; undefined where it is not installed. */
export function bindfs(scratch: string): Subject | undefined {
  const [below, directory] = [join(scratch, 'bindfs-below'), join(scratch, 'bindfs')];
  mkdirSync(below);
  mkdirSync(directory);
  const mounted = spawnSync('bindfs', [below, directory], { encoding: 'utf8' });
  if (mounted.error !== undefined) return undefined;
  if (mounted.status !== 0) throw new Error(`bindfs: ${mounted.stderr}`);
  return { name: 'bindfs', directory, below, stop: () => unmountPath(directory, { lazy: true }) };
}

/** CloudFusion over a local store, with an upload delay so long that the background does not disturb the figures. */
export async function cloudFusion(scratch: string): Promise<Subject> {
  const [mountPoint, store, cache] = ['cloudfusion', 'store', 'cache'].map((name) => join(scratch, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(mountPoint);
  mkdirSync(store);
  const script = new URL('mounted-cache.ts', import.meta.url).pathname;
  const daemon: ChildProcess = spawn(process.execPath, [script, mountPoint, store, cache], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [ready] = await Promise.race([
    once(daemon.stdout as NonNullable<ChildProcess['stdout']>, 'data'),
    once(daemon, 'exit'),
  ]);
  if (!String(ready).includes('ready')) throw new Error('CloudFusion did not mount');
  const stop = async (): Promise<void> => {
    const exited = once(daemon, 'exit');
    await unmountPath(mountPoint, { lazy: true });
    await exited;
  };
  return { name: 'CloudFusion', directory: join(mountPoint, 'data'), below: join(cache, 'data'), stop };
}
