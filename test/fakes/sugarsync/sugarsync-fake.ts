import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FakeAnswer, type FakeRequest, receive } from '../google-storage/fake-request.ts';
import { FaultSwitch, type InjectedFault } from '../google-storage/fault-switch.ts';
import { SugarAnswers } from './sugar-answers.ts';
import { SugarApi } from './sugar-api.ts';
import { SugarDisk } from './sugar-disk.ts';
import { SugarLogins } from './sugar-logins.ts';
import { refusalPage, SugarRefusal } from './sugar-refusal.ts';

/** One request that came, and what it was answered (0: the connection was broken on purpose). */
export interface SugarSyncRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** SugarSync on loopback, in memory, as its documents describe the Platform API. What they do not allow is refused. */
export class SugarSyncFake {
  readonly disk: SugarDisk = new SugarDisk();
  readonly logins: SugarLogins = new SugarLogins();
  readonly faults: FaultSwitch = new FaultSwitch();
  readonly requests: SugarSyncRequest[] = [];
  /** Entries of a page at the most, whatever is asked for. */
  pageEntries: number = 500;
  /** Of the addresses that are told. */
  addresses: string;
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.addresses = this.origin;
    server.on('request', (incoming, outgoing) => void this.#serve(incoming, outgoing));
  }

  /** Starts one on a free port. */
  static async start(): Promise<SugarSyncFake> {
    const server = createServer({ keepAliveTimeout: 60_000 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SugarSyncFake(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** How many requests of this method came for a path that ends so. */
  count(method: string, end: string = ''): number {
    return this.requests.filter((request) => request.method === method && request.path.endsWith(end)).length;
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const [rawPath = '', query = ''] = (incoming.url ?? '').split('?');
    const target = {
      method: incoming.method ?? '',
      rawPath,
      query: new URLSearchParams(query),
      headers: incoming.headers,
    };
    const fault = this.faults.take(target) ?? {};
    const request = await receive(incoming, (received) => {
      if (received >= (fault.breakUploadAfter ?? Infinity)) incoming.destroy();
    });
    const answer = this.#answer(request, fault);
    const isBroken = !request.isWhole || fault.loseAnswer === true;
    this.requests.push({ method: request.method, path: rawPath, status: isBroken ? 0 : answer.status });
    if (isBroken) outgoing.destroy();
    else send(outgoing, answer, fault);
  }

  #answer(request: FakeRequest, fault: InjectedFault): FakeAnswer {
    try {
      if (fault.answer !== undefined) throw new SugarRefusal(fault.answer.status, 'Injected.');
      if (!request.isWhole) return { status: 0 };
      const answers = new SugarAnswers(this.disk, this.addresses);
      return new SugarApi({ ...this.#parts(), answers }).answer(request);
    } catch (error) {
      if (!(error instanceof SugarRefusal)) throw error;
      const headers = { 'content-type': 'text/html; charset=UTF-8' };
      return { status: error.status, headers, body: refusalPage(error.status, error.message) };
    }
  }

  #parts(): Pick<SugarSyncFake, 'disk' | 'logins' | 'pageEntries' | 'addresses'> {
    const { disk, logins, pageEntries, addresses } = this;
    return { disk, logins, pageEntries, addresses };
  }
}

function send(outgoing: ServerResponse, { status, headers = {}, body = '' }: FakeAnswer, fault: InjectedFault): void {
  const content = Buffer.from(body);
  for (const [name, value] of Object.entries(headers))
    outgoing.setHeader(name, typeof value === 'string' ? value : [...value]);
  if (status !== 204) outgoing.setHeader('content-length', content.length);
  outgoing.writeHead(status);
  if (fault.breakDownloadAfter === undefined) outgoing.end(content);
  else outgoing.write(content.subarray(0, fault.breakDownloadAfter), () => outgoing.destroy());
}
