import { setTimeout } from 'node:timers/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Accounts } from '../google-storage/accounts.ts';
import { jsonError } from '../google-storage/error-answers.ts';
import { type FakeAnswer, type FakeRequest, receive } from '../google-storage/fake-request.ts';
import { FaultSwitch, type InjectedFault } from '../google-storage/fault-switch.ts';
import { GoogleFault } from '../google-storage/google-fault.ts';
import { answerToken } from '../google-storage/token-endpoint.ts';
import { answerDrive } from './drive-api.ts';
import { DriveDisk } from './drive-disk.ts';
import { driveFault } from './drive-fault.ts';
import type { DriveSession } from './drive-session.ts';

const driveScope = 'https://www.googleapis.com/auth/drive';

/** Who tests are. */
export const anna = {
  email: 'anna@project-one.iam.gserviceaccount.com',
  project: 'project-one',
  canWrite: true,
  canMakeBuckets: false,
};

/** One request that came, and what it was answered (0: the connection was broken on purpose). */
export interface DriveRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly status: number;
}

/**
 * Google Drive on loopback, in memory, as its documents describe version 3 of its API: files, folders, the trash, a shared drive,
 * revisions, resumable uploads, and the OAuth token endpoint. What the documents do not allow is refused.
 */
export class GoogleDriveFake {
  readonly disk: DriveDisk = new DriveDisk();
  readonly accounts: Accounts = new Accounts({
    read: [driveScope, `${driveScope}.readonly`],
    write: [driveScope],
  });
  readonly faults: FaultSwitch = new FaultSwitch();
  readonly sessions: Map<string, DriveSession> = new Map();
  readonly requests: DriveRequest[] = [];
  /** The caller may look at all files and change none. */
  isReader: boolean = false;
  /** Requests that are let through in a second; more are refused with 403. */
  perSecond: number = Infinity;
  /** Milliseconds until a request is answered. */
  requestTime: number = 0;
  /** Changes in one answer at the most. */
  changesAtOnce: number = 1000;
  readonly origin: string;
  readonly #server: Server;
  #second = { at: 0, requests: 0 };

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.disk.addresses = this.origin;
    server.on('request', (incoming, outgoing) => void this.#serve(incoming, outgoing));
  }

  /** Starts one on a free port. */
  static async start(): Promise<GoogleDriveFake> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new GoogleDriveFake(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [rawPath = '', search = ''] = (incoming.url ?? '').split('?', 2);
    const query = new URLSearchParams(search);
    const fault = this.faults.take({ method: incoming.method ?? '', rawPath, query, headers: incoming.headers }) ?? {};
    const request = await receive(incoming, (received) => {
      if (fault.breakUploadAfter !== undefined && received >= fault.breakUploadAfter) incoming.destroy();
    });
    if (this.requestTime > 0) await setTimeout(this.requestTime);
    const answer = this.#answer(request, fault);
    const isBroken = !request.isWhole || fault.loseAnswer === true;
    this.requests.push({ method: request.method, path: rawPath, query, status: isBroken ? 0 : answer.status });
    if (isBroken) outgoing.destroy();
    else send(outgoing, answer, fault);
  }

  #answer(request: FakeRequest, fault: InjectedFault): FakeAnswer {
    try {
      if (fault.answer !== undefined)
        throw driveFault(
          fault.answer.status,
          reasons[fault.answer.status] ?? 'backendError',
          'Injected',
          fault.answer.retryAfter,
        );
      const isSession = request.query.has('upload_id');
      if (!request.isWhole && !isSession) return { status: 0 };
      if (request.rawPath === '/token') return answerToken(this.accounts, request, this.origin);
      this.#assertRate();
      const { disk, accounts, sessions, isReader, changesAtOnce } = this;
      return answerDrive({
        disk,
        accounts,
        request,
        sessions,
        isReader,
        changesAtOnce,
        persistOnly: fault.persistOnly,
      });
    } catch (error) {
      if (error instanceof GoogleFault) return jsonError(error);
      throw error;
    }
  }

  #assertRate(): void {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#second.at) this.#second = { at: second, requests: 0 };
    if (++this.#second.requests > this.perSecond)
      throw driveFault(403, 'userRateLimitExceeded', 'User Rate Limit Exceeded');
  }
}

const reasons: Readonly<Record<number, string>> = { 403: 'userRateLimitExceeded', 429: 'rateLimitExceeded' };

function send(outgoing: ServerResponse, { status, headers = {}, body = '' }: FakeAnswer, fault: InjectedFault): void {
  const content = Buffer.from(body);
  for (const [name, value] of Object.entries(headers))
    outgoing.setHeader(name, typeof value === 'string' ? value : [...value]);
  if (status !== 204) outgoing.setHeader('content-length', content.length);
  outgoing.writeHead(status);
  if (fault.corruptDownload === true && content.length > 0) content[0] = (content[0] ?? 0) ^ 1;
  if (fault.breakDownloadAfter === undefined) outgoing.end(content);
  else outgoing.write(content.subarray(0, fault.breakDownloadAfter), () => outgoing.destroy());
}
