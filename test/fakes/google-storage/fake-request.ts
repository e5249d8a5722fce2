import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { invalid } from './google-fault.ts';

/** A request with its whole body. */
export interface FakeRequest {
  readonly method: string;
  /** As it was sent: percent-encoded, without the query. */
  readonly rawPath: string;
  /** As it was sent, without `?`. */
  readonly rawQuery: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they were sent: headers that are there twice stay two. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** False when the connection broke before the end of the body. */
  readonly isWhole: boolean;
}

/** What is answered. */
export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly body?: Buffer | string | undefined;
}

/** Reads a request to its end, or to where the connection breaks; `onBytes` is told how many have come. */
export async function receive(
  incoming: IncomingMessage,
  onBytes: (received: number) => void = () => {},
): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  let received = 0;
  let isWhole = true;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      received += chunk.length;
      onBytes(received);
    }
  } catch {
    isWhole = false;
  }
  const url = incoming.url ?? '/';
  const mark = url.indexOf('?');
  const rawQuery = mark === -1 ? '' : url.slice(mark + 1);
  return {
    method: incoming.method ?? 'GET',
    rawPath: mark === -1 ? url : url.slice(0, mark),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers: incoming.headers,
    rawHeaders: incoming.rawHeaders,
    body: Buffer.concat(chunks),
    isWhole: isWhole && incoming.complete,
  };
}

/**
 * The decoded segments of a path. Throws for characters that RFC 3986 does not allow there, for a broken percent-encoding,
 * and for bytes that are not UTF-8: a client that sends them sends another name elsewhere.
 */
export function segmentsOfPath(rawPath: string): string[] {
  if (!/^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/.test(rawPath))
    throw invalid('Bad path encoding', 'path');
  return rawPath.split('/').slice(1).map(decoded);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalid('The path is not UTF-8', 'path');
  }
}

/**
 * Throws for query parameters that the method does not have. The service ignores them, but then a misspelt precondition would
 * be ignored too.
 */
export function assertParameters(query: URLSearchParams, known: readonly string[]): void {
  for (const name of new Set(query.keys())) {
    if (!known.includes(name) && !generalParameters.has(name)) {
      throw invalid(`Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter.`, name);
    }
    if (query.getAll(name).length > 1) throw invalid(`${name} is given more than once`, name);
  }
}

/** Parameters of every method (https://docs.cloud.google.com/storage/docs/json_api/v1/parameters). */
const generalParameters = new Set(['alt', 'fields', 'key', 'prettyPrint', 'quotaUser', 'userProject', 'userIp']);
