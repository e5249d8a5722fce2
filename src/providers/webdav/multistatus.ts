import type { HttpResponse } from '../../http/http-request.ts';
import { childCalled, type XmlElement } from '../../http/xml.ts';
import { xmlRecords } from '../../http/xml-records.ts';
import { StoreError } from '../../store/errors.ts';
import type { Entry, Metadata } from '../../store/store.ts';
import { failureOfStatus } from './dav-failure.ts';
import { namesOfHref } from './dav-path.ts';
import { revisionOf } from './revision.ts';

/** One `response` of a Multi-Status (RFC 4918 section 14.24). */
export interface DavResource {
  /** The names along its `href`, undefined where they cannot be those of a path. */
  readonly names: readonly string[] | undefined;
  /** Of the resource as a whole; 200 where only its properties have one. */
  readonly status: number;
  readonly kind: Entry['kind'];
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number | undefined;
  readonly etag: string | undefined;
  /** The properties that it has, for other questions. */
  readonly properties: readonly XmlElement[];
}

/** The properties that entries are made of. */
export const entryProperties: string = '<resourcetype/><getcontentlength/><getlastmodified/><getetag/>';

/** The body of a PROPFIND that asks for `properties`, elements of the namespace `DAV:` (RFC 4918 section 14.20). */
export function propfindOf(properties: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>${properties}</prop></propfind>`;
}

/**
 * The resources of an answer, as they arrive. Elements count by their name, whichever prefix or namespace they have: some
 * servers send none. Throws `Unavailable` for anything but a whole Multi-Status; a login page is one such thing.
 */
export async function* multistatus(answer: HttpResponse): AsyncGenerator<DavResource> {
  await assertXml(answer);
  const records = xmlRecords(answer.body, (name, _namespace, depth) => depth === 1 && name === 'response');
  for (;;) {
    const next = await records.next();
    if (next.done === true) {
      if (next.value.name !== 'multistatus') throw notDav(`an XML document called "${next.value.name}"`);
      return;
    }
    yield resourceOf(next.value);
  }
}

/** Throws the first failure that a Multi-Status holds: a request that was answered 207 may have failed for a part. */
export async function assertNoFailure(answer: HttpResponse): Promise<void> {
  let failed: number | undefined;
  for await (const { status } of multistatus(answer)) if (status >= 400 && status !== 424) failed ??= status;
  if (failed !== undefined) throw failureOfStatus(failed);
}

/** The entry of a resource. Its metadata is told where it was asked for. */
export function entryOf({ kind, size, modified, etag }: DavResource, path: string, metadata?: Metadata): Entry {
  if (kind === 'directory') return { kind, path, modified };
  const entry = { kind, path, size, modified: modified ?? 0, revision: revisionOf({ etag, size, modified }) } as const;
  return metadata === undefined ? entry : { ...entry, metadata };
}

/** Milliseconds of a date as HTTP writes it; undefined for what is none. */
export function timeOf(date: string | undefined): number | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? undefined : time;
}

async function assertXml({ status, headers, body }: HttpResponse): Promise<void> {
  const type = headers['content-type'] ?? '';
  if ((status === 207 || status === 200) && !/\bhtml\b/i.test(type)) return;
  await body.discard();
  throw notDav(status === 200 || status === 207 ? 'a web page' : `status ${status}`);
}

function notDav(what: string): StoreError {
  const message = `the server answered ${what} where WebDAV was expected: the url may be wrong, or something in between wants a login`;
  return new StoreError('Unavailable', { message });
}

function resourceOf(response: XmlElement): DavResource {
  const properties = response.children
    .filter(({ name }) => name === 'propstat')
    .filter((propstat) => isFine(statusOf(propstat)))
    .flatMap((propstat) => childCalled(propstat, 'prop')?.children ?? []);
  const text = (name: string): string | undefined => {
    const value = properties.find((property) => property.name === name)?.text.trim();
    return value === '' ? undefined : value;
  };
  const type = properties.find(({ name }) => name === 'resourcetype');
  const size = Number(text('getcontentlength') ?? 0);
  return {
    names: namesOfHref(childCalled(response, 'href')?.text ?? ''),
    status: statusOf(response),
    kind: type?.children.some(({ name }) => name === 'collection') === true ? 'directory' : 'file',
    size: Number.isSafeInteger(size) && size >= 0 ? size : 0,
    modified: timeOf(text('getlastmodified')),
    etag: text('getetag'),
    properties,
  };
}

/** The number in `HTTP/1.1 404 Not Found`; 200 where there is none. */
function statusOf(element: XmlElement): number {
  const [, status] = /^\s*(?:HTTP\/[\d.]+\s+)?(\d{3})\b/.exec(childCalled(element, 'status')?.text ?? '') ?? [];
  return status === undefined ? 200 : Number(status);
}

function isFine(status: number): boolean {
  return status >= 200 && status < 300;
}
