import { retrying } from '../../http/retry.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import type { DavAnswer, DavConnection, DavRequest } from './dav-connection.ts';
import { failureOf } from './dav-failure.ts';
import { encodedPath, pathBelow } from './dav-path.ts';
import type { Place } from './redirect.ts';
import { Replacements } from './replacements.ts';
import type { ServerTraits } from './server-traits.ts';
import { WritersOfPath } from './writers-of-path.ts';

/** A request about a path of the store. */
export interface ServerRequest extends Omit<DavRequest, 'path'> {
  readonly path: string;
  /** The address of a directory ends with a slash (RFC 4918 section 5.2). @default false */
  readonly isDirectory?: boolean | undefined;
  /** Not repeated when its answer is lost: doing it twice is something else than doing it once. @default false */
  readonly isOnce?: boolean | undefined;
}

/** Where the root is, and what was found out about the server. */
export interface ServerFacts {
  /** The root without a slash at its end. */
  readonly home: Place;
  /** The names that its own `href` has; a gateway may make them others than those of the address. */
  readonly rootNames: readonly string[];
  readonly traits: ServerTraits;
  /** Where chunks of large uploads go (Nextcloud); percent-encoded, without a slash at its end. */
  readonly uploads: string | undefined;
  /** Files keep properties that clients make up (dead ones, RFC 4918 section 4). */
  readonly keepsProperties: boolean;
}

/** Statuses of a server that may do better soon, having done nothing; 423 is a lock. */
const passing: ReadonlySet<number> = new Set([408, 423, 425, 429, 502, 503, 504]);

/** A server that answers as WebDAV, once its address, its user and its manners are known. */
export class DavServer implements ServerFacts {
  readonly home: Place;
  readonly rootNames: readonly string[];
  readonly traits: ServerTraits;
  readonly uploads: string | undefined;
  readonly keepsProperties: boolean;
  /** By MOVE and COPY: the old file may be missing for a moment. */
  readonly replacements: Replacements = new Replacements();
  /** By PUT: the old file stays until the new one is there. */
  readonly overwritings: Replacements = new Replacements();
  readonly writers: WritersOfPath = new WritersOfPath();
  /** Whether `Depth: infinity` is answered in full; undefined as long as no answer has shown it. */
  listsTrees: boolean | undefined;
  /** Set when a server that offers locks has refused one. */
  refusesLocks = false;
  /** Set when a server that should take chunks has refused them. */
  refusesChunks = false;
  /** Set when a server has sent all of a file instead of a range. */
  refusesRanges = false;
  /** What the headers of downloads tell as listings do: the ETag, or time and size; undefined as long as it is not known. */
  downloadsTell: 'etag' | 'time' | 'nothing' | undefined;
  #clockDifference = 0;
  readonly #connection: DavConnection;

  constructor(connection: DavConnection, facts: ServerFacts) {
    this.#connection = connection;
    this.home = facts.home;
    this.rootNames = facts.rootNames;
    this.traits = facts.traits;
    this.uploads = facts.uploads;
    this.keepsProperties = facts.keepsProperties;
  }

  /** The address of a path as other headers name it (`Destination`, `If`). */
  address(path: string, isDirectory: boolean = false): string {
    return this.home.origin + this.#encoded(path, isDirectory);
  }

  /** The earliest time that the server's clock may show now, in milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.#clockDifference;
  }

  /** The path that the names of an `href` stand for, undefined outside the root. */
  pathOf(names: readonly string[]): string | undefined {
    return pathBelow(this.rootNames, names);
  }

  /**
   * The answer to a request about a path. What may succeed later is repeated, and thrown in the end; every other status is an
   * answer. Throws as `DavConnection.send` does.
   */
  async exchange({ path, isDirectory = false, ...request }: ServerRequest): Promise<DavAnswer> {
    return await this.exchangeAt(this.#encoded(path, isDirectory), request);
  }

  /** The same for an address beside the root, percent-encoded. */
  async exchangeAt(path: string, { isOnce = false, ...request }: Omit<ServerRequest, 'path'>): Promise<DavAnswer> {
    const refused = new WeakSet<Error>();
    const attempt = async (): Promise<DavAnswer> => {
      const answer = await this.#connection.send({ ...request, path, isKnown: true });
      const date = Date.parse(answer.headers['date'] ?? '');
      if (!Number.isNaN(date)) this.#clockDifference = date - Date.now();
      if (isStrayPage(request.method, answer)) throw await strayPage(answer);
      if (!passing.has(answer.status)) return answer;
      const failure = await failureOf(answer);
      refused.add(failure);
      throw failure;
    };
    const mayRepeat = (error: Error): boolean => !isOnce || refused.has(error) || isUnsent(error);
    return await retrying(attempt, { signal: request.signal, mayRepeat });
  }

  #encoded(path: string, isDirectory: boolean): string {
    return `${this.home.path}${encodedPath(path)}${isDirectory || path === '/' ? '/' : ''}`;
  }
}

/** Whether a status says that the request was done. */
export function isDone({ status }: { readonly status: number }): boolean {
  return status >= 200 && status < 300;
}

/** Methods that are answered 201 or 204 (RFC 4918 section 9); some servers say 200, but none shows a page then. */
const changing: ReadonlySet<string> = new Set(['PUT', 'DELETE', 'MKCOL', 'MOVE', 'COPY']);

function isStrayPage(method: string, { status, headers }: DavAnswer): boolean {
  return status === 200 && changing.has(method) && /\bhtml\b/i.test(headers['content-type'] ?? '');
}

async function strayPage({ body }: DavAnswer): Promise<StoreError> {
  await body.discard();
  const message = 'a web page came where WebDAV was expected; perhaps the network wants a login';
  return new StoreError('Unavailable', { message });
}

/** That a change which was answered 200, as any gateway answers, was done. Throws `Unavailable` where it was not. */
export async function assertDone({ status }: DavAnswer, isDoneThere: () => Promise<boolean>): Promise<void> {
  if (status !== 200 || (await isDoneThere())) return;
  throw new StoreError('Unavailable', { message: 'the server, or something before it, answered 200 and did nothing' });
}

/** Whether a request cannot have reached the server. */
function isUnsent(error: Error): boolean {
  const { cause } = error;
  return (
    isStoreError(error, 'Unavailable') && cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
  );
}
