import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { DelayedFlow, type FlowRules } from './delayed-flow.ts';

/** Seen from the client: `up` to the server, `down` to the client. */
export type Direction = 'up' | 'down';

interface Fault {
  readonly kind: 'break' | 'stall';
  bytesLeft: number;
  readonly happened: () => void;
}

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
  isStalled: boolean;
}

/**
 * A bad line to a server on this machine: a TCP proxy on loopback with a settable round trip, broken connections, stalls and
 * outages. It knows nothing of HTTP or TLS. A fault happens once, to whichever connection carries the byte in question.
 */
export class FlakyProxy implements AsyncDisposable {
  /** Milliseconds that a round trip takes more than without it, for data and for the making of a connection. */
  roundTrip = 0;
  readonly port: number;
  readonly #listener: Server;
  readonly #target: number;
  readonly #connections = new Set<Connection>();
  readonly #faults = new Map<Direction, Fault>();
  readonly #bytes: Record<Direction, number> = { up: 0, down: 0 };
  #connectionsMade = 0;
  #isOffline = false;

  private constructor(listener: Server, target: number) {
    this.#listener = listener;
    this.#target = target;
    this.port = (listener.address() as AddressInfo).port;
  }

  /** Starts to listen on 127.0.0.1, before the server at this port of 127.0.0.1. */
  static async start(target: number): Promise<FlakyProxy> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true });
    listener.listen({ host: '127.0.0.1', port: 0 });
    await once(listener, 'listening');
    const proxy = new FlakyProxy(listener, target);
    listener.on('connection', (client) => proxy.#accept(client));
    return proxy;
  }

  /** The same URL by way of the proxy. */
  url(url: string): string {
    const through = new URL(url);
    through.port = String(this.port);
    return through.href;
  }

  /** How many connections were made until now, those during an outage included. */
  get connectionsMade(): number {
    return this.#connectionsMade;
  }

  /** How many bytes were delivered until now. */
  get bytes(): Readonly<Record<Direction, number>> {
    return { ...this.#bytes };
  }

  /** Resets a connection after that many more bytes in a direction; resolves when it has happened. */
  async breakAfter(direction: Direction, bytes: number): Promise<void> {
    await this.#plan('break', direction, bytes);
  }

  /** Lets a connection fall silent, both ways, after that many more bytes in a direction; resolves when it has happened. */
  async stallAfter(direction: Direction, bytes: number): Promise<void> {
    await this.#plan('stall', direction, bytes);
  }

  /** Resets all connections that there are. */
  reset(): void {
    for (const connection of this.#connections) this.#end(connection);
  }

  /** Resets all connections, and each new one at once, until `goOnline`. */
  goOffline(): void {
    this.#isOffline = true;
    this.reset();
  }

  /** Ends an outage. */
  goOnline(): void {
    this.#isOffline = false;
  }

  /** Resets all connections and stops to listen. */
  async stop(): Promise<void> {
    this.goOffline();
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #plan(kind: Fault['kind'], direction: Direction, bytesLeft: number): Promise<void> {
    if (!Number.isSafeInteger(bytesLeft) || bytesLeft < 0) throw new RangeError(`${bytesLeft} is no number of bytes`);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#faults.set(direction, { kind, bytesLeft, happened: resolve });
    await promise;
  }

  #accept(client: Socket): void {
    this.#connectionsMade += 1;
    // The other side of a reset; whoever has to know of it is told by 'close'.
    client.on('error', () => undefined);
    if (this.#isOffline) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: '127.0.0.1', port: this.#target, allowHalfOpen: true, noDelay: true });
    server.on('error', () => undefined);
    const connection: Connection = { client, server, isStalled: false };
    this.#connections.add(connection);
    for (const socket of [client, server]) socket.once('close', (hadError) => this.#closed(connection, hadError));
    const opens = performance.now() + this.roundTrip;
    const lateness = (): number => Math.max(0, opens - performance.now());
    this.#flow(connection, 'up', lateness);
    this.#flow(connection, 'down', () => 0);
  }

  #flow(connection: Connection, direction: Direction, lateness: () => number): void {
    const { client, server } = connection;
    const [from, to] = direction === 'up' ? [client, server] : [server, client];
    const rules: FlowRules = {
      delay: () => lateness() + this.roundTrip / 2,
      deliver: (data) => this.#deliver(connection, direction, to, data),
    };
    new DelayedFlow(from, to, rules).begin();
  }

  #deliver(connection: Connection, direction: Direction, to: Socket, data: Buffer): void {
    if (connection.isStalled) return;
    const fault = this.#faults.get(direction);
    const part = fault === undefined ? data : data.subarray(0, fault.bytesLeft);
    this.#bytes[direction] += part.length;
    if (fault === undefined) {
      to.write(part);
      return;
    }
    fault.bytesLeft -= part.length;
    if (fault.bytesLeft > 0) {
      to.write(part);
      return;
    }
    this.#faults.delete(direction);
    connection.isStalled = true;
    to.write(part, () => {
      if (fault.kind === 'break') this.#end(connection);
      fault.happened();
    });
  }

  #end({ client, server }: Connection): void {
    client.resetAndDestroy();
    server.resetAndDestroy();
  }

  /** A reset is passed on; the end of the data is passed on by the flows, as late as the data. */
  #closed(connection: Connection, hadError: boolean): void {
    const { client, server } = connection;
    if (hadError) this.#end(connection);
    if (client.destroyed && server.destroyed) this.#connections.delete(connection);
  }
}
