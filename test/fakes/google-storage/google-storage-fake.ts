import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Accounts } from './accounts.ts';
import { jsonError, textError, xmlError } from './error-answers.ts';
import { type Caller, FakeCloud } from './fake-cloud.ts';
import { type FakeAnswer, type FakeRequest, receive } from './fake-request.ts';
import { FaultSwitch, type InjectedFault } from './fault-switch.ts';
import { faultOfStatus, GoogleFault } from './google-fault.ts';
import { answerJson, isJsonPath } from './json-api.ts';
import { answerToken } from './token-endpoint.ts';
import { answerXml } from './xml-api.ts';

/** One request that came, and what it was answered (0: the connection was broken on purpose). */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly bytes: number;
  readonly status: number;
}

/** The caller that tests use, who may do everything in the project `project-one`. */
export const owner: Caller = {
  email: 'writer@project-one.iam.gserviceaccount.com',
  project: 'project-one',
  canWrite: true,
  canMakeBuckets: true,
};

/**
 * Google Cloud Storage on loopback, in memory: the JSON API, the XML API with HMAC keys, and the OAuth token endpoint, as
 * Google's documents describe them. It is strict: what the documents do not allow is refused, so that a client which passes
 * here has nothing to be forgiven. What is not there: versions, lifecycles, access lists, encryption keys, notifications.
 */
export class GoogleStorageFake {
  readonly cloud: FakeCloud = new FakeCloud();
  readonly accounts: Accounts = new Accounts();
  readonly faults: FaultSwitch = new FaultSwitch();
  readonly requests: RecordedRequest[] = [];
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (incoming, outgoing) => void this.#serve(incoming, outgoing));
  }

  /** Starts one on a free port. */
  static async start(): Promise<GoogleStorageFake> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new GoogleStorageFake(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The recorded requests whose method and path fit, for tests that count. */
  requestsTo(method: string, path: RegExp): RecordedRequest[] {
    return this.requests.filter((request) => request.method === method && path.test(request.path));
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [rawPath = '', search = ''] = (incoming.url ?? '').split('?', 2);
    const query = new URLSearchParams(search);
    const target = { method: incoming.method ?? '', rawPath, query, headers: incoming.headers };
    const fault = this.faults.take(target) ?? {};
    const request = await receive(incoming, (received) => {
      if (fault.breakUploadAfter !== undefined && received >= fault.breakUploadAfter) incoming.destroy();
    });
    const answer = this.#answer(request, fault);
    const isBroken = !request.isWhole || fault.loseAnswer === true;
    this.#record(request, isBroken ? 0 : answer.status);
    if (isBroken) outgoing.destroy();
    else send(outgoing, answer, request.method, fault);
  }

  #record({ method, rawPath, rawQuery, body }: FakeRequest, status: number): void {
    this.requests.push({ method, path: rawPath, query: rawQuery, bytes: body.length, status });
  }

  #answer(request: FakeRequest, fault: InjectedFault): FakeAnswer {
    const isJson = isJsonPath(request.rawPath);
    try {
      if (fault.answer !== undefined) throw faultOfStatus(fault.answer.status, fault.answer.retryAfter);
      const isSession = request.method === 'PUT' && request.query.has('upload_id');
      if (!request.isWhole && !isSession) return { status: 0 };
      return this.#dispatch(request, isJson, fault);
    } catch (error) {
      if (!(error instanceof GoogleFault)) throw error;
      if (!isJson) return xmlError(error, request.method);
      return request.query.get('alt') === 'media' ? textError(error) : jsonError(error);
    }
  }

  #dispatch(request: FakeRequest, isJson: boolean, { persistOnly }: InjectedFault): FakeAnswer {
    const { cloud, accounts, origin } = this;
    if (request.rawPath === '/token') return answerToken(accounts, request, origin);
    if (isJson) return answerJson({ cloud, accounts, request, origin, faults: this.faults, persistOnly });
    return answerXml(cloud, accounts, request);
  }
}

function send(outgoing: ServerResponse, answer: FakeAnswer, method: string, fault: InjectedFault): void {
  const { status, headers = {}, body = '' } = answer;
  const content = Buffer.from(body);
  for (const [name, value] of Object.entries(headers))
    outgoing.setHeader(name, typeof value === 'string' ? value : [...value]);
  if (status !== 204 && status !== 304) outgoing.setHeader('content-length', content.length);
  outgoing.writeHead(status);
  if (fault.corruptDownload === true && content.length > 0) content[0] = (content[0] ?? 0) ^ 1;
  if (method === 'HEAD' || content.length === 0) outgoing.end();
  else if (fault.breakDownloadAfter === undefined) outgoing.end(content);
  else outgoing.write(content.subarray(0, fault.breakDownloadAfter), () => outgoing.destroy());
}
