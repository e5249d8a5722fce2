import type { Source } from '../store/store.ts';
import type { ResponseBody } from './response-body.ts';

/** One HTTP request, as it goes over the wire. */
export interface HttpRequest {
  /** The service's own name of the call (`PutObject`, `PROPFIND`), for counters and traces. */
  readonly operation: string;
  readonly method: string;
  /** Scheme, host and port: `https://storage.example:8443`. */
  readonly origin: string;
  /** Path and query, percent-encoded, sent as they are: no `..` is resolved, nothing is encoded again. */
  readonly path: string;
  /** By lower-case name. `content-length` is added for a body. */
  readonly headers?: HttpHeaders | undefined;
  /** Bytes, text as UTF-8, or a source that is read anew for each request. Without one nothing is sent. */
  readonly body?: Uint8Array | string | Source | undefined;
  /** Aborts the request and the reading of its answer, which then throw `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Sends the body only after the server has agreed to take it (`Expect: 100-continue`, RFC 9110 section 10.1.1). @default false */
  readonly expectContinue?: boolean | undefined;
}

/** Headers by lower-case name; an answer's repeated ones are joined by `, `. */
export type HttpHeaders = Readonly<Record<string, string | undefined>>;

/** The answer to a request, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Must be read to the end, left, or discarded: until then it occupies a connection. */
  readonly body: ResponseBody;
}
