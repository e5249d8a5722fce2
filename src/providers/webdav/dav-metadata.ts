/**
 * A file's metadata as one dead property of it (RFC 4918 section 4): a JSON object of texts, so that it is replaced as a whole. It is
 * written by PROPPATCH, goes along with MOVE and COPY, and is told by the PROPFINDs that are made in any case. A PUT leaves it at the file,
 * which is why what was there is taken away after an upload without metadata.
 */
import { isDeepStrictEqual } from 'node:util';
import type { HttpResponse } from '../../http/http-request.ts';
import type { XmlElement } from '../../http/xml.ts';
import { StoreError } from '../../store/errors.ts';
import type { Metadata } from '../../store/store.ts';
import { failureOf } from './dav-failure.ts';
import type { DavServer } from './dav-server.ts';
import { multistatus } from './multistatus.ts';

/** Apache keeps a property in 1,008 bytes, its name and that of the file included. */
export const maxMetadataBytes: number = 400;
const maxWrittenBytes = 800;

const name = 'cloudfusion-metadata';
const space = 'xmlns="urn:cloudfusion"';

/** The element by which a PROPFIND asks for it. */
export const metadataProperty: string = `<${name} ${space}/>`;

/** The body of a PROPPATCH that takes it away. */
export const removal: string = update(`<remove><prop>${metadataProperty}</prop></remove>`);

/** The metadata among the properties of a resource; none where it has no such property, or one that others wrote. */
export function metadataIn(properties: readonly XmlElement[]): Metadata {
  const text = properties.find((property) => property.name === name)?.text ?? '{}';
  try {
    const value: unknown = JSON.parse(text);
    return isMetadata(value) ? value : {};
  } catch {
    return {};
  }
}

/** Throws `TooLarge` unless metadata fits as it is written. */
export function assertFits(metadata: Metadata = {}): void {
  const bytes = written(metadata).length;
  if (bytes <= maxWrittenBytes) return;
  const message = `${bytes} bytes of metadata as they are written; ${maxWrittenBytes} fit`;
  throw new StoreError('TooLarge', { message });
}

/** Makes the metadata of a file what it is to be, by no request where that is known to be so. Throws what the server refuses. */
export async function putMetadata(
  server: DavServer,
  path: string,
  { wanted, known, condition = {}, signal }: MetadataChange,
): Promise<void> {
  if (known !== undefined && isDeepStrictEqual({ ...known }, { ...wanted })) return;
  const isNone = Object.keys(wanted).length === 0;
  const value = `<${name} ${space}>${xmlText(written(wanted))}</${name}>`;
  const body = isNone ? removal : update(`<set><prop>${value}</prop></set>`);
  const headers = { ...condition, 'content-type': 'application/xml; charset=utf-8' };
  const answer = await server.exchange({ method: 'PROPPATCH', path, headers, body, signal });
  if (answer.status >= 300) throw await failureOf(answer);
  if (!(await isPatched(answer))) {
    throw new StoreError('Unsupported', { path, message: 'the server does not take this metadata' });
  }
}

/** A change of metadata. */
export interface MetadataChange {
  readonly wanted: Metadata;
  /** What is there; undefined: it is not known. */
  readonly known: Metadata | undefined;
  /** Headers by which the server keeps a condition. */
  readonly condition?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Whether the answer to a PROPPATCH says that it was done: the request as a whole may have gone well, and a property not. lighttpd
 * answers 200 and nothing more where all went well.
 */
export async function isPatched(answer: HttpResponse): Promise<boolean> {
  if (answer.status !== 207) return (await answer.body.text()) === '' && answer.status < 300;
  let isDone = false;
  for await (const { status, properties } of multistatus(answer)) {
    isDone = status < 300 && properties.some((property) => property.name === name);
  }
  return isDone;
}

function update(change: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><propertyupdate xmlns="DAV:">${change}</propertyupdate>`;
}

/** JSON in printable ASCII: XML holds no control characters, and not every server keeps UTF-8. */
function written(metadata: Metadata): string {
  return JSON.stringify(metadata).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function isMetadata(value: unknown): value is Metadata {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}
