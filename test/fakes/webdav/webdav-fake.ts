import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type DavStyle, multistatusText, plainHref } from './dav-style.ts';
import { DavTree } from './dav-tree.ts';
import { holds, NextcloudUploads } from './nextcloud-uploads.ts';

/** How the fake behaves. */
export interface WebdavFakeOptions {
  /** It is a Nextcloud, with chunks and times; otherwise it is a server of which nothing is known. Default true. */
  readonly isNextcloud?: boolean;
  readonly style?: DavStyle;
  /** `Depth: infinity` is answered, refused with 403, or taken for `1` without a word. Default `refused`. */
  readonly infinity?: 'answered' | 'refused' | 'mistaken';
  /** Default true. */
  readonly ranges?: boolean;
  /** The property that the store makes up is kept; by default PROPPATCH is refused. */
  readonly properties?: boolean;
}

/** What a test does with a request before the fake does; true: it has answered. */
export type Interference = (request: IncomingMessage, response: ServerResponse, body: Buffer) => boolean;

/** A strict WebDAV server in memory, for what no real server does on demand. Listens on loopback. */
export class WebdavFake implements AsyncDisposable {
  readonly tree: DavTree = new DavTree();
  readonly uploads: NextcloudUploads = new NextcloudUploads();
  /** `METHOD path` of every request, in their order. */
  readonly requests: string[] = [];
  interfere: Interference = () => false;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  readonly #options: WebdavFakeOptions;

  private constructor(options: WebdavFakeOptions) {
    this.#options = options;
  }

  static async start(options: WebdavFakeOptions = {}): Promise<WebdavFake> {
    const fake = new WebdavFake(options);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** Without a slash at the end. */
  get url(): string {
    return `${this.origin}${this.#home}`;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many requests of a method came. */
  count(method: string): number {
    return this.requests.filter((request) => request.startsWith(`${method} `)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #home(): string {
    return this.#options.isNextcloud === false ? '/dav' : '/remote.php/dav/files/anna';
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body: Buffer;
    try {
      body = await buffer(request);
    } catch {
      // An upload that broke off changes nothing.
      return;
    }
    this.requests.push(`${request.method} ${request.url}`);
    if (this.interfere(request, response, body)) return;
    const { url = '' } = request;
    const uploads = '/remote.php/dav/uploads/anna/';
    if (url.startsWith(uploads)) return this.#upload(request, response, body, url.slice(uploads.length));
    if (!url.startsWith(this.#home)) return answer(response, 404);
    const handler = this.#handlers[request.method ?? ''];
    if (handler === undefined) return answer(response, 405);
    handler(request, response, this.#pathOf(url), body);
  }

  readonly #handlers: Readonly<
    Record<string, (request: IncomingMessage, response: ServerResponse, path: string, body: Buffer) => void>
  > = {
    OPTIONS: (_request, response) => answer(response, 200, { dav: '1' }),
    PROPFIND: (request, response, path) => this.#propfind(request, response, path),
    GET: (request, response, path) => this.#get(request, response, path),
    PROPPATCH: (_request, response, path, body) => this.#patch(response, path, body),
    PUT: (request, response, path, body) => this.#put(request, response, path, body),
    MKCOL: (_request, response, path) => {
      if (this.tree.nodes.has(path)) return answer(response, 405);
      if (!this.tree.isCollection(parentOf(path))) return answer(response, 409);
      this.tree.makeCollection(path);
      answer(response, 201);
    },
    DELETE: (request, response, path) => {
      if (!this.tree.nodes.has(path)) return answer(response, 404);
      if (!this.#allows(request, path)) return answer(response, 412);
      this.tree.remove(path);
      answer(response, 204);
    },
    MOVE: (request, response, path) => this.#relocate(request, response, path, true),
    COPY: (request, response, path) => this.#relocate(request, response, path, false),
  };

  #propfind(request: IncomingMessage, response: ServerResponse, path: string): void {
    const { infinity = 'refused', style = {} } = this.#options;
    const node = this.tree.nodes.get(path);
    const depth = request.headers['depth'];
    if (node === undefined) return answer(response, 404);
    if (depth !== '0' && depth !== '1' && infinity === 'refused') return answer(response, 403);
    const isDeep = depth === 'infinity' && infinity === 'answered';
    const paths = depth === '0' || node.bytes !== undefined ? [path] : [path, ...this.tree.below(path, isDeep)];
    const listed = paths.map((found) => ({ path: this.#home + found, node: this.tree.nodes.get(found) ?? node }));
    const used = [...this.tree.nodes.values()].reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0);
    const quota = `<q:quota-used-bytes xmlns:q="DAV:">${used}</q:quota-used-bytes><q:quota-available-bytes xmlns:q="DAV:">1000</q:quota-available-bytes>`;
    answer(response, 207, { 'content-type': 'application/xml; charset=utf-8' }, multistatusText(listed, style, quota));
  }

  #patch(response: ServerResponse, path: string, body: Buffer): void {
    const node = this.tree.nodes.get(path);
    if (this.#options.properties !== true) return answer(response, 405);
    if (node === undefined) return answer(response, 404);
    node.property = /<cloudfusion-metadata [^/>]*>(.*)<\/cloudfusion-metadata>/s.exec(body.toString())?.[1];
    const told = '<d:prop><cloudfusion-metadata xmlns="urn:cloudfusion"/></d:prop><d:status>HTTP/1.1 200 OK</d:status>';
    const href = `<d:href>${plainHref(this.#home + path, false)}</d:href>`;
    const text = `<d:multistatus xmlns:d="DAV:"><d:response>${href}<d:propstat>${told}</d:propstat></d:response></d:multistatus>`;
    answer(response, 207, { 'content-type': 'application/xml' }, text);
  }

  #get(request: IncomingMessage, response: ServerResponse, path: string): void {
    const node = this.tree.nodes.get(path);
    if (node?.bytes === undefined) return answer(response, node === undefined ? 404 : 405);
    const { bytes, etag, modified } = node;
    const told = node.checksum === undefined ? {} : { 'oc-checksum': node.checksum };
    const headers = { ...told, etag, 'last-modified': new Date(modified).toUTCString() };
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    if (first === undefined || this.#options.ranges === false) return answer(response, 200, headers, bytes);
    if (Number(first) >= bytes.length) return answer(response, 416);
    const part = bytes.subarray(Number(first), last === '' ? undefined : Number(last) + 1);
    const range = `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`;
    answer(response, 206, { ...headers, 'content-range': range }, part);
  }

  #put(request: IncomingMessage, response: ServerResponse, path: string, body: Buffer): void {
    if (this.tree.isCollection(path)) return answer(response, 409);
    if (!this.#allows(request, path)) return answer(response, 412);
    if (!this.tree.isCollection(parentOf(path))) return answer(response, 409);
    const isNew = !this.tree.nodes.has(path);
    if (!fits(body, header(request, 'oc-checksum')))
      return answer(response, 400, { 'content-type': 'application/xml; charset=utf-8' }, wrongChecksum);
    this.#taken(request, response, isNew, path, body);
  }

  #taken(request: IncomingMessage, response: ServerResponse, isNew: boolean, path: string, body: Buffer): void {
    const time = this.#options.isNextcloud === false ? undefined : header(request, 'x-oc-mtime');
    const { etag } = this.tree.put(
      path,
      body,
      time === undefined ? undefined : Number(time) * 1000,
      header(request, 'oc-checksum'),
    );
    const told = { etag, 'oc-etag': etag, ...(time === undefined ? {} : { 'x-oc-mtime': 'accepted' }) };
    answer(response, isNew ? 201 : 204, told);
  }

  #relocate(request: IncomingMessage, response: ServerResponse, from: string, isMove: boolean): void {
    const to = this.#pathOf(header(request, 'destination') ?? '');
    const refusal = this.tree.nodes.has(from) ? this.#refusesTarget(request, to) : 404;
    if (refusal !== undefined) return answer(response, refusal);
    const isNew = !this.tree.nodes.has(to);
    this.tree.relocate(from, to, isMove);
    answer(response, isNew ? 201 : 204);
  }

  #refusesTarget(request: IncomingMessage, to: string): number | undefined {
    if (!this.tree.isCollection(parentOf(to))) return 409;
    if (this.tree.nodes.has(to) && header(request, 'overwrite') === 'F') return 412;
    return holds(this.tree, header(request, 'if'), '', (address) => this.#pathOf(address)) ? undefined : 412;
  }

  #allows(request: IncomingMessage, path: string): boolean {
    const etag = this.tree.nodes.get(path)?.etag;
    const match = header(request, 'if-match');
    if (header(request, 'if-none-match') === '*' && etag !== undefined) return false;
    if (match !== undefined && match !== etag) return false;
    return holds(this.tree, header(request, 'if'), path, (address) => this.#pathOf(address));
  }

  #upload(request: IncomingMessage, response: ServerResponse, body: Buffer, rest: string): void {
    const [upload = '', name = ''] = rest.split('/');
    const [destination, total] = [header(request, 'destination'), header(request, 'oc-total-length')];
    if (request.method === 'MKCOL') return answer(response, this.uploads.make(upload, destination));
    if (request.method === 'DELETE') return answer(response, this.uploads.remove(upload));
    if (request.method === 'PUT') return answer(response, this.uploads.put(upload, name, body, destination, total));
    if (request.method === 'PROPFIND') return this.#listUpload(response, upload);
    const file =
      request.method === 'MOVE' && name === '.file' ? this.uploads.together(upload, destination, total) : 405;
    if (typeof file === 'number') return answer(response, file);
    const path = this.#pathOf(destination ?? '');
    const refusal = this.#refusesTarget(request, path);
    if (refusal !== undefined) return answer(response, refusal);
    this.uploads.remove(upload);
    this.#taken(request, response, !this.tree.nodes.has(path), path, file);
  }

  #listUpload(response: ServerResponse, upload: string): void {
    const chunks = this.uploads.list(upload);
    if (chunks === undefined) return answer(response, 404);
    const listed = [...chunks].map(([name, bytes]) => ({
      path: `/remote.php/dav/uploads/anna/${upload}/${name}`,
      node: { bytes, etag: '"chunk"', modified: 0 },
    }));
    answer(response, 207, { 'content-type': 'application/xml' }, multistatusText(listed, {}, ''));
  }

  #pathOf(address: string): string {
    const path = decodeURIComponent(address.replace(this.origin, ''));
    if (!path.startsWith(this.#home)) throw new Error(`an address outside: ${address}`);
    return path.slice(this.#home.length).replace(/\/$/, '');
  }
}

const wrongChecksum =
  '<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>Sabre\\DAV\\Exception\\BadRequest</s:exception><s:message>The computed checksum does not match the one received from the client.</s:message></d:error>';

/** As ownCloud looks at it. */
function fits(body: Buffer, checksum: string | undefined): boolean {
  return checksum === undefined || checksum === `SHA1:${createHash('sha1').update(body).digest('hex')}`;
}

/** Sends an answer. */
export function answer(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Uint8Array = '',
): void {
  const isBodiless = status === 204;
  response.writeHead(status, isBodiless ? headers : { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(isBodiless ? undefined : body);
}

function header({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join() : value;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
