import { toldSize } from '../../http/told-values.ts';
import type { CallOptions, Usage } from '../../store/store.ts';
import type { DriveCalls } from './drive-calls.ts';

interface About {
  readonly user?: { readonly emailAddress?: string };
  readonly storageQuota?: { readonly limit?: string; readonly usage?: string };
}

/** What the account holds, with mail and photographs, which share its storage. Of a shared drive Drive tells no figures. */
export async function driveUsage(
  { client, driveId }: Pick<DriveCalls, 'client' | 'driveId'>,
  { signal }: CallOptions,
): Promise<Usage> {
  const query = { fields: 'user(emailAddress),storageQuota(limit,usage)' };
  const call = { operation: 'about.get', method: 'GET', path: '/drive/v3/about', query, signal };
  const { user, storageQuota } = await client.json<About>(call);
  const account = user?.emailAddress;
  if (driveId !== undefined) return { account };
  return { used: bytesIn(storageQuota?.usage), total: bytesIn(storageQuota?.limit), account };
}

function bytesIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : toldSize(text);
}
