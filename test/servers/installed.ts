import { spawnSync } from 'node:child_process';
import { folderWithAttributes } from './extended-attributes.ts';

/** A server that the tests can start, by the name of its file. */
export type ServerName = 'ceph-radosgw' | 'swift-s3' | 'apache-dav' | 'sabre-dav' | 'lighttpd-dav' | 'nginx-dav';

/** An independent client, by its command. */
export type ClientName = 'aws' | 'cadaver' | 'curl' | 'litmus' | 'rclone' | 's3cmd';

/** The Debian packages that each server needs. */
export const serverPackages: Readonly<Record<ServerName, readonly string[]>> = {
  'ceph-radosgw': ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-common'],
  'swift-s3': ['swift-proxy', 'swift-account', 'swift-container', 'swift-object', 'memcached'],
  'apache-dav': ['apache2-bin', 'openssl'],
  'sabre-dav': ['php-cli', 'php-sabre-dav'],
  'lighttpd-dav': ['lighttpd', 'lighttpd-mod-webdav'],
  'nginx-dav': ['nginx', 'libnginx-mod-http-dav-ext'],
};

/** The Debian packages that each client needs. */
export const clientPackages: Readonly<Record<ClientName, readonly string[]>> = {
  aws: ['awscli'],
  cadaver: ['cadaver'],
  curl: ['curl'],
  litmus: ['litmus'],
  rclone: ['rclone'],
  s3cmd: ['s3cmd'],
};

/** All servers. */
export const serverNames: readonly ServerName[] = Object.keys(serverPackages) as ServerName[];

const packagesOf: Readonly<Record<ServerName | ClientName, readonly string[]>> = {
  ...serverPackages,
  ...clientPackages,
};

/** All packages that some server or client needs. */
export const allPackages: readonly string[] = [...new Set(Object.values(packagesOf).flat())];

/** Those of the packages that are not installed; all of them on a machine without dpkg. */
export function missingPackages(packages: readonly string[]): string[] {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Abbrev}${Package}\n', ...packages], {
    encoding: 'utf8',
  });
  const installed = new Set(
    (stdout ?? '').split('\n').flatMap((line) => (line.startsWith('ii ') ? [line.slice(3)] : [])),
  );
  return packages.filter((name) => !installed.has(name));
}

/** Why a test cannot use these servers and clients (for `skip` of node:test); false when it can. */
export function notInstalled(...names: readonly (ServerName | ClientName)[]): string | false {
  const missing = missingPackages([...new Set(names.flatMap((name) => packagesOf[name]))]);
  if (missing.length > 0) return `Debian packages are missing: ${missing.join(' ')}`;
  const isWithoutAttributes = names.includes('swift-s3') && folderWithAttributes() === undefined;
  return isWithoutAttributes && 'neither TMPDIR nor /var/tmp keeps extended attributes';
}
