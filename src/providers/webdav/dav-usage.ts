import type { Usage } from '../../store/store.ts';
import { failureOf } from './dav-failure.ts';
import { type DavServer, isDone } from './dav-server.ts';
import { multistatus, propfindOf } from './multistatus.ts';

const body = propfindOf('<quota-available-bytes/><quota-used-bytes/>');

/** What RFC 4331 lets a server tell of the root: bytes in use, and with those that are left the total. */
export async function davUsage(server: DavServer, signal?: AbortSignal): Promise<Pick<Usage, 'used' | 'total'>> {
  const headers = { depth: '0', 'content-type': 'application/xml; charset=utf-8' };
  const request = { method: 'PROPFIND', path: '/', isDirectory: true, headers, body, signal };
  const answer = await server.exchange(request);
  if (!isDone(answer)) throw await failureOf(answer);
  let used: number | undefined;
  let available: number | undefined;
  for await (const { properties } of multistatus(answer)) {
    for (const { name, text } of properties) {
      if (name === 'quota-used-bytes') used = bytesOf(text);
      if (name === 'quota-available-bytes') available = bytesOf(text);
    }
  }
  const total = used === undefined || available === undefined ? undefined : used + available;
  return { used, total };
}

/** Nextcloud tells by negative numbers that there is no limit, or that it does not know. */
function bytesOf(text: string): number | undefined {
  const bytes = /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
