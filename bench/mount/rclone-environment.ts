import { join } from 'node:path';
import type { S3Server } from '../../test/servers/s3-server.ts';

/**
 * What makes rclone know a server as `far:`, without a secret in a list of processes, and nothing else of this machine: its
 * configuration is an empty file in `scratch`.
 */
export function rcloneEnvironment(scratch: string, server?: S3Server): NodeJS.ProcessEnv {
  const own = { RCLONE_CONFIG: join(scratch, 'rclone.conf') };
  if (server === undefined) return own;
  return {
    ...own,
    RCLONE_CONFIG_FAR_TYPE: 's3',
    RCLONE_CONFIG_FAR_PROVIDER: 'Ceph',
    RCLONE_CONFIG_FAR_ENDPOINT: server.endpoint,
    RCLONE_CONFIG_FAR_REGION: server.region,
    RCLONE_CONFIG_FAR_ACCESS_KEY_ID: server.accessKey,
    RCLONE_CONFIG_FAR_SECRET_ACCESS_KEY: server.secretKey,
    RCLONE_CONFIG_FAR_NO_CHECK_BUCKET: 'true',
  };
}
