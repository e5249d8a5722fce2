import { join } from 'node:path';
import type { Arena } from '../arena.ts';
import { startOwnMount, type OwnMountOptions } from '../own-command.ts';
import type { MountPlace, OpenSubject, Subject } from '../subject.ts';

/** Over the disk: nothing is sent meanwhile, so that the figures are those of the mount. */
export const cloudFusionOverDisk: Subject = {
  name: 'CloudFusion',
  below: 'disk',
  open: (arena, place) => mount(arena, place, { name: 'local', cache: 3600 }, { root: arena.plain }),
};

/** Over S3, as it is configured by default. */
export const cloudFusionOverS3: Subject = {
  name: 'CloudFusion',
  below: 's3',
  open: (arena, place) => {
    const { endpoint, region, accessKey, secretKey } = arena.bucket.access('line');
    const account = { id: accessKey, secret: secretKey, endpoint, region, bucket_name: arena.bucket.name };
    return mount(arena, place, { name: 's3' }, account);
  },
};

async function mount(
  arena: Arena,
  place: MountPlace,
  store: OwnMountOptions['store'],
  auth: OwnMountOptions['auth'],
): Promise<OpenSubject> {
  const { command, profile: parameters } = arena.options;
  const log = arena.log('cloudfusion');
  const { mount, data, sync } = await startOwnMount({ ...place, log, store, auth, command, parameters });
  return { directory: data, contents: () => join(place.cache, 'bench', 'data'), sync, close: () => mount.close() };
}
