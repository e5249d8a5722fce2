import type { Uploads } from '../../cache/write-back-cache.ts';

/** What a command asks of the uploads of a mount. Times in milliseconds, paths as the store sees them. */
export type QueueOrder =
  | { readonly kind: 'pause'; readonly for?: number | undefined }
  | { readonly kind: 'resume' }
  | { readonly kind: 'retry' | 'cancel' | 'prioritise'; readonly path: string };

/** Ten years: a longer one has no end that a date can tell. */
const longestPause = 3650 * 86_400_000;

/** How many changes it was about, or why nothing was done. */
export type QueueAnswer =
  | { readonly kind: 'done'; readonly changes: number }
  | { readonly kind: 'refused'; readonly message: string };

/** The address of an order on the control socket. */
export function urlOf(order: QueueOrder): string {
  const parameters = new URLSearchParams();
  if ('path' in order) parameters.set('path', order.path);
  if (order.kind === 'pause' && order.for !== undefined) parameters.set('for', String(order.for));
  return `/queue/${order.kind}?${parameters.toString()}`;
}

/** The order that an address of the control socket stands for; undefined for none. */
export function orderOf(url: URL): QueueOrder | undefined {
  const kind = url.pathname.slice('/queue/'.length);
  if (url.pathname !== `/queue/${kind}`) return undefined;
  if (kind === 'resume') return { kind };
  if (kind === 'pause') {
    const given = url.searchParams.get('for');
    if (given === null) return { kind };
    return Number(given) > 0 && Number(given) <= longestPause ? { kind, for: Number(given) } : undefined;
  }
  const path = url.searchParams.get('path');
  if (path === null || (kind !== 'retry' && kind !== 'cancel' && kind !== 'prioritise')) return undefined;
  return { kind, path };
}

/** Does what an order says. */
export function obey(uploads: Uploads, order: QueueOrder, now: number): QueueAnswer {
  if (order.kind === 'pause') uploads.pause(order.for === undefined ? undefined : now + order.for);
  if (order.kind === 'resume') uploads.resume();
  if (!('path' in order)) return { kind: 'done', changes: 0 };
  const changes = uploads[order.kind === 'cancel' ? 'hold' : order.kind](order.path);
  if (changes > 0) return { kind: 'done', changes };
  return { kind: 'refused', message: refusals[order.kind] };
}

const refusals = {
  retry: 'nothing waits to be sent there',
  cancel: 'no content of a file waits to be sent there',
  prioritise: 'nothing waits to be sent there, or all of it is held ("cloudfusion retry" sends it)',
} as const;
