import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type FakeAnswer, type FakeRequest, receive } from '../google-storage/fake-request.ts';
import { FaultSwitch, type InjectedFault } from '../google-storage/fault-switch.ts';
import { calls } from './dropbox-api.ts';
import type { Cursor, DropboxState } from './dropbox-state.ts';
import { metadataOf, type Parameters, pathIn } from './dropbox-told.ts';
import { assertHash, uploads } from './dropbox-uploads.ts';
import { DropboxDisk } from './dropbox-disk.ts';
import { longPoll } from './dropbox-poll.ts';
import { DropboxRefusal, misunderstand, refuse } from './dropbox-refusal.ts';
import { answerDropboxToken, DropboxLogins } from './dropbox-logins.ts';

/** One request that came, and what it was answered (0: the connection was broken on purpose). */
export interface DropboxRequest {
  readonly operation: string;
  readonly status: number;
}

/** Dropbox on loopback, in memory, as its documents describe version 2 of its API. What they do not allow is refused. */
export class DropboxFake implements DropboxState {
  readonly disk: DropboxDisk = new DropboxDisk();
  readonly sessions: Map<string, Buffer> = new Map();
  readonly concurrent: Map<string, Map<number, Buffer>> = new Map();
  readonly closed: Set<string> = new Set();
  readonly cursors: Map<string, Cursor> = new Map();
  readonly jobs: Map<string, object> = new Map();
  readonly logins: DropboxLogins = new DropboxLogins();
  readonly faults: FaultSwitch = new FaultSwitch();
  readonly requests: DropboxRequest[] = [];
  pageEntries: number = 2000;
  busyEntries: number = 0;
  backoff: number | undefined;
  /** Each request takes so many milliseconds. A change that comes while another one is under way is refused. */
  requestTime: number = 0;
  /** Requests that were under way together, at the most. */
  mostAtOnce: number = 0;
  #underWay = 0;
  #isChanging = false;
  #isClosed = false;
  /** The space of the account's team; the account's own where it has none. */
  teamSpace: string = '1';
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (incoming, outgoing) => void this.#serve(incoming, outgoing));
  }

  /** Starts one on a free port. */
  static async start(): Promise<DropboxFake> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new DropboxFake(server);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const rawPath = incoming.url ?? '';
    const target = { method: incoming.method ?? '', rawPath, query: new URLSearchParams(), headers: incoming.headers };
    const fault = this.faults.take(target) ?? {};
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#underWay);
    const request = await receive(incoming);
    const isPoll = rawPath === '/2/files/list_folder/longpoll' && fault.answer === undefined;
    const answer = isPoll
      ? await this.#polled(request, () => this.#isClosed || incoming.socket.destroyed)
      : await this.#answerInTime(request, fault);
    this.#underWay--;
    const isBroken = !request.isWhole || fault.loseAnswer === true;
    this.requests.push({ operation: rawPath.replace(/^\/2\//, ''), status: isBroken ? 0 : answer.status });
    if (isBroken) outgoing.destroy();
    else send(outgoing, answer, fault);
  }

  async #polled(request: FakeRequest, isGone: () => boolean): Promise<FakeAnswer> {
    try {
      return json(await longPoll(this, request, isGone));
    } catch (error) {
      if (error instanceof DropboxRefusal) return refused(error);
      throw error;
    }
  }

  /** One change at a time in a space: others are told to come again (https://developers.dropbox.com/error-handling-guide). */
  async #answerInTime(request: FakeRequest, fault: InjectedFault): Promise<FakeAnswer> {
    if (this.requestTime === 0) return this.#answer(request, fault);
    const isChange = changing.has(request.rawPath.replace('/2/files/', ''));
    const isRefused = isChange && this.#isChanging;
    if (isChange) this.#isChanging = true;
    await pause(this.requestTime);
    if (isRefused) return busy();
    if (isChange) this.#isChanging = false;
    return this.#answer(request, fault);
  }

  #answer(request: FakeRequest, fault: InjectedFault): FakeAnswer {
    try {
      if (fault.answer !== undefined)
        throw new DropboxRefusal(fault.answer.status, '<html>Injected</html>', fault.answer.retryAfter);
      if (!request.isWhole) return { status: 0 };
      if (request.method !== 'POST') misunderstand('Expected POST');
      if (request.rawPath === '/oauth2/token') return answerDropboxToken(this.logins, request);
      if (!this.logins.isGood(request.headers.authorization)) refuse('expired_access_token', {}, 401);
      return this.#call(request, request.rawPath.replace(/^\/2\//, ''));
    } catch (error) {
      if (!(error instanceof DropboxRefusal)) throw error;
      return refused(error);
    }
  }

  #call(request: FakeRequest, operation: string): FakeAnswer {
    if (operation === 'users/get_current_account') {
      const root = { '.tag': this.teamSpace === '1' ? 'user' : 'team', root_namespace_id: this.teamSpace };
      const account = { account_id: `dbid:${randomUUID()}`, email: 'anna@example.com' };
      return json({ ...account, root_info: { ...root, home_namespace_id: '1' } });
    }
    if (!operation.startsWith('users/')) this.#assertRoot(request);
    if (operation === 'files/download') return this.#download(request);
    const upload = uploads[operation];
    if (upload !== undefined) {
      if (request.headers['content-type'] !== 'application/octet-stream')
        misunderstand('Bad HTTP "Content-Type" header');
      const parameters = argumentOf(request);
      assertHash(parameters, request.body);
      return json(upload(this, parameters, request.body));
    }
    const call = calls[operation] ?? misunderstand(`Unknown API function: ${JSON.stringify(operation)}`);
    // Calls without parameters may be sent without a body.
    const isBare = request.body.length === 0 && operation.startsWith('users/');
    if (!isBare && request.headers['content-type'] !== 'application/json')
      misunderstand('Bad HTTP "Content-Type" header');
    return json(call(this, isBare ? {} : (parsed(request.body.toString()) ?? {})));
  }

  #assertRoot({ headers }: FakeRequest): void {
    const root = headers['dropbox-api-path-root'];
    if (this.teamSpace === '1' && root === undefined) return;
    const told = parsed(String(root ?? '{".tag":"home"}'));
    if (told?.['.tag'] !== 'root' || told['root'] !== this.teamSpace) refuse('invalid_root', {}, 422);
  }

  #download(request: FakeRequest): FakeAnswer {
    const { path: named } = argumentOf(request);
    const path = this.disk.pathOf(String(named));
    const isRevision = path.startsWith('rev:');
    const at = isRevision ? '/revision' : pathIn(path);
    const entry = (isRevision ? this.disk.ofRevision(path.slice(4)) : this.disk.get(at)) ?? refuse('path/not_found');
    const { content } = entry.file ?? refuse('path/not_file');
    const result = JSON.stringify(metadataOf(this.disk, at, entry, false));
    const headers = { 'dropbox-api-result': escaped(result), 'content-type': 'application/octet-stream' };
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    if (first === '') return { status: 200, headers, body: content };
    const [start, end] = [Number(first), Math.min(content.length, last === '' ? Infinity : Number(last) + 1)];
    if (start >= content.length) throw new DropboxRefusal(416, '');
    const range = `bytes ${start}-${end - 1}/${content.length}`;
    return { status: 206, headers: { ...headers, 'content-range': range }, body: content.subarray(start, end) };
  }
}

const changing: ReadonlySet<string> = new Set(
  'upload upload_session/finish upload_session/finish_batch_v2 create_folder_v2 delete_v2 delete_batch move_v2 copy_v2'.split(
    ' ',
  ),
);

function refused({ status, body, retryAfter }: DropboxRefusal): FakeAnswer {
  const type = body.startsWith('{') ? 'application/json' : 'text/plain';
  const wait = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return { status, headers: { 'content-type': type, ...wait }, body };
}

function busy(): FakeAnswer {
  const error = { reason: { '.tag': 'too_many_write_operations' }, retry_after: 1 };
  const body = JSON.stringify({ error_summary: 'too_many_write_operations/..', error });
  return { status: 429, headers: { 'content-type': 'application/json', 'retry-after': '1' }, body };
}

function argumentOf({ headers }: FakeRequest): Parameters {
  const text = String(headers['dropbox-api-arg']);
  if (!/^[\x20-\x7e]*$/.test(text)) misunderstand('HTTP header "Dropbox-API-Arg": not ASCII');
  return parsed(text) ?? misunderstand('HTTP header "Dropbox-API-Arg": could not decode input as JSON');
}

function parsed(text: string): Parameters | undefined {
  try {
    return JSON.parse(text) as Parameters;
  } catch {
    return misunderstand('could not decode input as JSON');
  }
}

function escaped(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function json(value: unknown): FakeAnswer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

function send(outgoing: ServerResponse, { status, headers = {}, body = '' }: FakeAnswer, fault: InjectedFault): void {
  const content = Buffer.from(body);
  for (const [name, value] of Object.entries(headers))
    outgoing.setHeader(name, typeof value === 'string' ? value : [...value]);
  outgoing.setHeader('content-length', content.length);
  outgoing.writeHead(status);
  if (fault.corruptDownload === true && content.length > 0) content[0] = (content[0] ?? 0) ^ 1;
  if (fault.breakDownloadAfter === undefined) outgoing.end(content);
  else outgoing.write(content.subarray(0, fault.breakDownloadAfter), () => outgoing.destroy());
}
