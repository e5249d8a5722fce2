import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlClient } from '../../../src/cli/control-client.ts';
import { lookForMount } from '../../../src/cli/find-mount.ts';
import type { Arena } from '../arena.ts';
import { ServedMount } from '../served-mount.ts';
import type { MountPlace, OpenSubject, Subject } from '../subject.ts';

const startPatience = 10_000;

/** Over the disk: nothing is sent meanwhile, so that the figures are those of the mount. */
export const cloudFusionOverDisk: Subject = {
  name: 'CloudFusion',
  below: 'disk',
  open: (arena, place) => mount(arena, place, `name = local\ncache = 3600\n`, `root = ${arena.plain}\n`),
};

/** Over S3, as it is configured by default. */
export const cloudFusionOverS3: Subject = {
  name: 'CloudFusion',
  below: 's3',
  open: (arena, place) => {
    const { endpoint, region, accessKey, secretKey } = arena.bucket.access('line');
    const account = { id: accessKey, secret: secretKey, endpoint, region, bucket_name: arena.bucket.name };
    const lines = Object.entries(account).map(([key, value]) => `${key} = ${value}\n`);
    return mount(arena, place, 'name = s3\n', lines.join(''));
  },
};

async function mount(
  arena: Arena,
  { mountPoint, cache }: MountPlace,
  store: string,
  account: string,
): Promise<OpenSubject> {
  const configuration = `${mountPoint}.ini`;
  const cacheLines = `cache_dir = ${cache}\ncache_id = bench\ncache_size = 50000\nhard_cache_size_limit = 60000\n`;
  writeFileSync(configuration, `[store]\n${store}${cacheLines}[auth]\n${account}`, { mode: 0o600 });
  const mount = await ServedMount.start({
    program: process.execPath,
    parameters: [
      ...arena.options.profile,
      arena.options.command,
      'mount',
      '--foreground',
      '--config',
      configuration,
      mountPoint,
    ],
    mountPoint,
    log: arena.log('cloudfusion'),
  });
  const control = await listening(mountPoint);
  const sync = async (signal: AbortSignal): Promise<void> => {
    for await (const message of control.sync(signal))
      if (message.kind === 'failed') throw new Error(`cloudfusion sync: ${message.message}`);
  };
  return {
    directory: join(mountPoint, 'data'),
    contents: () => join(cache, 'bench', 'data'),
    sync,
    close: () => mount.close(),
  };
}

/** The kernel shows the mount before its process takes commands. */
async function listening(mountPoint: string): Promise<ControlClient> {
  for (const end = Date.now() + startPatience; Date.now() < end; await sleep(10)) {
    const found = await lookForMount(mountPoint);
    if (found.kind === 'alive') return found.control;
  }
  throw new Error(`${mountPoint} takes no commands`);
}
