import { startApacheDav } from './apache-dav.ts';
import { startCephRadosgw } from './ceph-radosgw.ts';
import type { ServerName } from './installed.ts';
import { startLighttpdDav } from './lighttpd-dav.ts';
import { startNginxDav } from './nginx-dav.ts';
import { startSabreDav } from './sabre-dav.ts';
import type { RunningServer } from './server-scope.ts';
import { startSwiftS3 } from './swift-s3.ts';

/** How each server is started as it is by default. */
export const startServer: Readonly<Record<ServerName, () => Promise<RunningServer>>> = {
  'ceph-radosgw': startCephRadosgw,
  'swift-s3': startSwiftS3,
  'apache-dav': startApacheDav,
  'sabre-dav': startSabreDav,
  'lighttpd-dav': startLighttpdDav,
  'nginx-dav': startNginxDav,
};
