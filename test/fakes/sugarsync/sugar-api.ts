import type { FakeAnswer, FakeRequest } from '../google-storage/fake-request.ts';
import type { SugarAnswers } from './sugar-answers.ts';
import type { SugarDisk, StoredSugarFile } from './sugar-disk.ts';
import type { SugarLogins } from './sugar-logins.ts';
import { refuse } from './sugar-refusal.ts';
import { documentIn, fieldsOf } from './sugar-schema.ts';

/** What requests work on. */
export interface SugarState {
  readonly disk: SugarDisk;
  readonly logins: SugarLogins;
  readonly answers: SugarAnswers;
  readonly pageEntries: number;
  /** Scheme and host of the addresses that are told, and taken. */
  readonly addresses: string;
}

const orders: ReadonlySet<string> = new Set(['name', 'last_modified', 'size', 'extension']);

/** The requests of the Platform API (https://www.sugarsync.com/dev/api/resource-ref.html). */
export class SugarApi {
  readonly #state: SugarState;

  constructor(state: SugarState) {
    this.#state = state;
  }

  answer(request: FakeRequest): FakeAnswer {
    const { method, rawPath } = request;
    const { disk, logins, answers } = this.#state;
    if (method === 'POST' && rawPath === '/app-authorization') return this.#letIn(request);
    if (method === 'POST' && rawPath === '/authorization') return this.#authorize(request);
    if (!logins.isGood(request.headers.authorization)) refuse(401, 'The request requires user authentication');
    const path = decodeURIComponent(rawPath);
    if (path === '/user' || path === `/user/${disk.user}`)
      return method === 'GET' ? xml(answers.user()) : this.#notAllowed();
    const [, ref = '', part = ''] =
      /^(\/(?:file|folder)\/[^/]+|\/user\/\d+\/folders)(\/contents|\/data)?$/.exec(path) ?? [];
    const call = `${method} ${part}`;
    if (call === 'GET /contents') return this.#contents(ref, request.query);
    if (ref === disk.top) return call === 'POST ' ? this.#makeSyncFolder(request) : this.#notAllowed();
    if (ref.startsWith('/file/') && part === '/data') return this.#data(request, ref);
    if (ref === '' || part !== '') refuse(404, 'The server has not found anything matching the request URI');
    const stored = disk.get(ref);
    if (call === 'GET ') return xml(answers.about(stored));
    if (call === 'PUT ') return this.#update(request, ref);
    if (call === 'POST ' && stored.kind === 'folder') return this.#make(request, ref);
    if (call !== 'DELETE ') return this.#notAllowed();
    if (stored.parent === disk.top) refuse(400, 'Can not delete sync folder.');
    disk.remove(ref);
    return { status: 204 };
  }

  #letIn(request: FakeRequest): FakeAnswer {
    const { logins, addresses } = this.#state;
    const root = documentIn(request);
    if (root.name !== 'appAuthorization') refuse(400, 'The document is not an appAuthorization.');
    const fields = fieldsOf(request, root.name, root);
    if (!logins.isDeveloper(fields) || !logins.isPerson(fields)) refuse(401, 'Unauthorized.');
    return made(logins.makeRefreshToken(addresses));
  }

  #authorize(request: FakeRequest): FakeAnswer {
    const { logins, addresses, answers } = this.#state;
    const root = documentIn(request);
    if (root.name !== 'tokenAuthRequest') refuse(400, 'The document is not a tokenAuthRequest.');
    const fields = fieldsOf(request, root.name, root);
    if (!logins.isDeveloper(fields) || !logins.refreshTokens.has(fields['refreshToken'] ?? ''))
      refuse(401, 'Unauthorized.');
    const { token, expires } = logins.makeToken(addresses);
    return { ...made(token), body: answers.authorization(expires) };
  }

  #contents(ref: string, query: URLSearchParams): FakeAnswer {
    const { disk, answers, pageEntries } = this.#state;
    const isTop = ref === disk.top;
    if (!isTop) disk.get(ref, 'folder');
    for (const name of query.keys())
      if (!['start', 'max', 'order', 'type'].includes(name)) refuse(400, `Unknown parameter ${name}.`);
    const [start, most] = [Number(query.get('start') ?? 0), Number(query.get('max') ?? 500)];
    if (!Number.isInteger(start) || start < 0 || !Number.isInteger(most) || most < 1) refuse(400, 'Bad paging.');
    if (!orders.has(query.get('order') ?? 'name')) refuse(400, 'Bad order.');
    const type = query.get('type');
    const all = disk.in(ref).filter(({ kind }) => type === null || kind === type);
    const page = all.slice(start, start + Math.min(most, pageEntries));
    return xml(answers.contents(page, start, start + page.length < all.length, isTop));
  }

  #makeSyncFolder(request: FakeRequest): FakeAnswer {
    const { disk } = this.#state;
    if (request.headers['x-sugarsync-api-version'] !== '1.5') refuse(400, 'This version has no such request.');
    const root = documentIn(request);
    if (root.name !== 'syncFolder') refuse(400, 'Beside sync folders there are no files and folders.');
    disk.makeFolder(disk.top, fieldsOf(request, 'syncFolder', root)['displayName'] ?? '');
    // Its address is not told.
    return { status: 201 };
  }

  #make(request: FakeRequest, parent: string): FakeAnswer {
    const { disk, addresses } = this.#state;
    const root = documentIn(request);
    if (root.name === 'folder') {
      const { displayName = '' } = fieldsOf(request, 'newFolder', root);
      return made(addresses + disk.makeFolder(parent, displayName).ref);
    }
    if (root.name === 'file') {
      const { displayName = '', mediaType = '' } = fieldsOf(request, 'newFile', root);
      return made(addresses + disk.makeFile(parent, displayName, mediaType).ref);
    }
    if (root.name !== 'fileCopy') refuse(400, `Unknown element ${root.name}.`);
    const { displayName = '', source = '' } = fieldsOf(request, 'fileCopy', root);
    return made(addresses + disk.copy(this.#refOf(source), parent, displayName).ref);
  }

  #update(request: FakeRequest, ref: string): FakeAnswer {
    const { disk, answers } = this.#state;
    const { kind } = disk.get(ref);
    const root = documentIn(request);
    if (root.name !== kind) refuse(400, `The document is no ${kind}.`);
    const { displayName, parent } = fieldsOf(request, kind === 'file' ? 'updatedFile' : 'updatedFolder', root);
    const updated = disk.update(ref, {
      ...(displayName === undefined ? {} : { name: displayName }),
      ...(parent === undefined ? {} : { parent: this.#refOf(parent) }),
    });
    // The documents say that nothing is answered; for files something is.
    return kind === 'file' ? xml(answers.about(updated)) : { status: 204 };
  }

  #data(request: FakeRequest, ref: string): FakeAnswer {
    const { disk } = this.#state;
    const file = disk.get(ref, 'file') as StoredSugarFile;
    if (request.method === 'PUT') {
      disk.put(ref, request.body);
      return { status: 204 };
    }
    if (request.method !== 'GET') return this.#notAllowed();
    const content = file.content ?? refuse(404, 'The data of the file is not on the server');
    const headers = { 'content-type': file.mediaType };
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    if (first === '') return { status: 200, headers, body: content };
    const [start, end] = [Number(first), Math.min(content.length, last === '' ? Infinity : Number(last) + 1)];
    if (start >= content.length) refuse(416, 'Requested Range Not Satisfiable');
    const range = `bytes ${start}-${end - 1}/${content.length}`;
    return { status: 206, headers: { ...headers, 'content-range': range }, body: content.subarray(start, end) };
  }

  /** Addresses of other services are none. */
  #refOf(address: string): string {
    const { addresses } = this.#state;
    if (!address.startsWith(`${addresses}/`)) refuse(400, 'The address is none of this service.');
    return address.slice(addresses.length);
  }

  #notAllowed(): never {
    return refuse(405, 'The method is not allowed for this resource.');
  }
}

function xml(body: string): FakeAnswer {
  return { status: 200, headers: { 'content-type': 'application/xml; charset=UTF-8' }, body };
}

function made(location: string): FakeAnswer {
  return { status: 201, headers: { location, 'content-type': 'application/xml; charset=UTF-8' } };
}
