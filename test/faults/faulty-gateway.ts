import { once } from 'node:events';
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request as send,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { type Fate, fateKinds } from './fault-schedule.ts';

/** Between a client and a server on loopback: an HTTP gateway that lets each request meet the fate that a schedule has for it. */
export class FaultyGateway implements AsyncDisposable {
  /** Without faults, everything passes. */
  isFaulty = false;
  /** How many requests met each fate. */
  readonly counts: Map<Fate['kind'], number> = new Map(fateKinds.map((kind) => [kind, 0]));
  readonly #fate: () => Fate;
  readonly #target: number;
  readonly #server = createServer((incoming, outgoing) => this.#meet(incoming, outgoing));

  private constructor(target: number, fate: () => Fate) {
    this.#target = target;
    this.#fate = fate;
  }

  /** Listens on 127.0.0.1, before the server at this port of it. */
  static async start(target: number, fate: () => Fate): Promise<FaultyGateway> {
    const gateway = new FaultyGateway(target, fate);
    gateway.#server.listen(0, '127.0.0.1');
    await once(gateway.#server, 'listening');
    return gateway;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #meet(incoming: IncomingMessage, outgoing: ServerResponse): void {
    for (const side of [incoming, outgoing]) side.on('error', () => undefined);
    const fate: Fate = this.isFaulty ? this.#fate() : { kind: 'fine' };
    this.counts.set(fate.kind, (this.counts.get(fate.kind) ?? 0) + 1);
    void this.#fulfil(fate, incoming, outgoing).catch(() => breakOff(incoming));
  }

  async #fulfil(fate: Fate, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (fate.kind === 'late') await sleep(fate.milliseconds);
    if (fate.kind === 'cut upload') return this.#cutUpload(incoming, fate.share);
    const isDone = !('isDone' in fate) || fate.isDone;
    const answer = isDone ? await this.#passOn(incoming) : undefined;
    if (fate.kind === 'reset') return breakOff(incoming);
    if (fate.kind === 'silence') return void answer?.resume();
    if (fate.kind === 'status') return await refuse(fate, incoming, outgoing, answer);
    if (answer === undefined) return;
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    if (fate.kind !== 'cut answer') return void answer.pipe(outgoing);
    const body = await buffer(answer);
    outgoing.write(body.subarray(0, Math.floor(body.length * fate.share)), () => breakOff(incoming));
  }

  async #passOn(incoming: IncomingMessage): Promise<IncomingMessage> {
    if (incoming.destroyed && !incoming.complete) throw new Error('the client has gone');
    const onward = this.#ask(incoming);
    // Without a body, piping would make one of no length, which WebDAV refuses.
    if (incoming.headers['content-length'] === undefined) onward.end();
    else incoming.pipe(onward);
    incoming.once('close', () => {
      if (!incoming.complete) onward.destroy();
    });
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    answer.on('error', () => breakOff(incoming));
    return answer;
  }

  async #cutUpload(incoming: IncomingMessage, share: number): Promise<void> {
    const onward = this.#ask(incoming);
    onward.on('error', () => undefined);
    const size = Number(incoming.headers['content-length'] ?? 0);
    let left = Math.floor(size * share);
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      onward.write(chunk.subarray(0, left));
      left -= Math.min(left, chunk.length);
      if (left === 0) break;
    }
    onward.destroy();
    breakOff(incoming);
  }

  /** The same request: signatures are over the headers, so they stay as they are. */
  #ask({ method, url, headers: { expect: _agreed, ...headers } }: IncomingMessage): ClientRequest {
    return send({ host: '127.0.0.1', port: this.#target, method, path: url, headers, agent: false });
  }
}

async function refuse(
  { status, retryAfter }: Extract<Fate, { kind: 'status' }>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: IncomingMessage | undefined,
): Promise<void> {
  if (answer === undefined) incoming.resume();
  else await buffer(answer);
  outgoing.writeHead(status, {
    'content-length': 0,
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  });
  outgoing.end();
}

function breakOff(incoming: IncomingMessage): void {
  // It is null once the connection is gone.
  (incoming.socket as Socket | null)?.resetAndDestroy();
}
