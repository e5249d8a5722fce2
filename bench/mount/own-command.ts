import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlClient } from '../../src/cli/control-client.ts';
import { lookForMount } from '../../src/cli/find-mount.ts';
import { ServedMount } from './served-mount.ts';

/** The command as `npm run build` makes it, a script for Node. From its sources it would begin later and need more memory. */
export const builtCommand: string = new URL('../../dist/cli/bin.js', import.meta.url).pathname;

/** What a mount of ours is made of. */
export interface OwnMountOptions {
  readonly mountPoint: string;
  /** Gone on with when it was used before. */
  readonly cache: string;
  readonly log: string;
  /** The sections of its configuration; what has to do with the place of the cache is added. */
  readonly store: Readonly<Record<string, string | number>>;
  readonly auth: Readonly<Record<string, string>>;
  /** @default builtCommand */
  readonly command?: string | undefined;
  /** More parameters for Node. */
  readonly parameters?: readonly string[] | undefined;
}

/** A mount by the real command, in a process of its own. */
export interface OwnMount {
  readonly mount: ServedMount;
  /** Where the files are. */
  readonly data: string;
  /** Sends everything now. */
  readonly sync: (signal: AbortSignal) => Promise<void>;
}

const startPatience = 10_000;

/** Mounts, and resolves when the mount takes commands. */
export async function startOwnMount(options: OwnMountOptions): Promise<OwnMount> {
  const { mountPoint, cache, log, command = builtCommand, parameters = [] } = options;
  if (!existsSync(command)) throw new Error(`${command} is missing: npm run build makes it`);
  const configuration = `${mountPoint}.ini`;
  const place = { cache_dir: cache, cache_id: 'bench', cache_size: 50_000, hard_cache_size_limit: 60_000 };
  const store = section('store', { ...options.store, ...place });
  writeFileSync(configuration, store + section('auth', options.auth), { mode: 0o600 });
  const mount = await ServedMount.start({
    program: process.execPath,
    parameters: [...parameters, command, 'mount', '--foreground', '--config', configuration, mountPoint],
    mountPoint,
    log,
  });
  const control = await listening(mountPoint);
  const sync = async (signal: AbortSignal): Promise<void> => {
    for await (const message of control.sync(signal))
      if (message.kind === 'failed') throw new Error(`cloudfusion sync: ${message.message}`);
  };
  return { mount, data: join(mountPoint, 'data'), sync };
}

function section(name: string, values: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`);
  return `[${name}]\n${lines.join('')}`;
}

/** The kernel shows the mount before its process takes commands. */
async function listening(mountPoint: string): Promise<ControlClient> {
  for (const end = Date.now() + startPatience; Date.now() < end; await sleep(10)) {
    const found = await lookForMount(mountPoint);
    if (found.kind === 'alive') return found.control;
  }
  throw new Error(`${mountPoint} takes no commands`);
}
