import { chmod, rm } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { nodeHttp } from '../../http/node-http.ts';
import { makePrivateDirectory } from '../runtime-directory.ts';
import { orderOf, type QueueAnswer, type QueueOrder } from './queue-order.ts';
import type { QueueReport } from './queue-report.ts';
import type { StatusReport, StopMessage, SyncMessage } from './control-protocol.ts';

/** What commands can ask of a mount. */
export interface Controlled {
  /** Rejects never. */
  status(): Promise<StatusReport>;
  /** What is to be sent; undefined while the mount is not configured. Rejects never. */
  queue(): Promise<QueueReport | undefined>;
  /** Does what an order about the uploads says. Rejects never: failing is an answer. */
  order(order: QueueOrder): Promise<QueueAnswer>;
  /** Sends all changes now. Rejects never: failing is a message. */
  sync(report: (message: SyncMessage) => void, signal: AbortSignal): Promise<void>;
  /** Ends the mount; one that is in use only by `force`. Rejects never: failing is a message. */
  stop(report: (message: StopMessage) => void, options: { readonly force: boolean }): Promise<void>;
}

/** A socket that takes commands. */
export interface ControlServer {
  readonly path: string;
  /** Takes no more commands, lets those that are being answered end within a second, and removes the socket. */
  close(): Promise<void>;
}

/**
 * Listens on the first of `paths` that can be had; only this user can reach it. A socket that a dead process left is replaced.
 * Throws when none can be had.
 */
export async function serveControl(controlled: Controlled, paths: readonly string[]): Promise<ControlServer> {
  const failures: string[] = [];
  for (const path of paths) {
    const server = nodeHttp.createServer((request, response) => void answer(controlled, request, response));
    try {
      makePrivateDirectory(dirname(path));
      await listen(server, path);
      await chmod(path, 0o600);
      return { path, close: () => close(server, path) };
    } catch (error) {
      server.close();
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`there is no place to listen for commands: ${failures.join('; ')}`);
}

const lastAnswerTime = 1000;

async function answer(controlled: Controlled, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  switch (`${request.method} ${request.url}`) {
    case 'GET /status':
      return answerWith(response, await controlled.status());
    case 'GET /queue':
      return answerWith(response, (await controlled.queue()) ?? null);
    case 'POST /sync': {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      await stream(response, (report) => controlled.sync(report, gone.signal));
      return;
    }
    case 'POST /stop':
    case 'POST /stop?force':
      await stream(response, (report) => controlled.stop(report, { force: request.url !== '/stop' }));
      return;
    default: {
      const url = URL.parse(request.url ?? '/', 'http://mount');
      const order = request.method === 'POST' && url !== null ? orderOf(url) : undefined;
      if (order === undefined) response.writeHead(404).end();
      else answerWith(response, await controlled.order(order));
    }
  }
}

function answerWith(response: ServerResponse, answer: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
}

async function stream(
  response: ServerResponse,
  run: (report: (message: SyncMessage | StopMessage) => void) => Promise<void>,
): Promise<void> {
  response.setHeader('content-type', 'application/x-ndjson').flushHeaders();
  // Who went away is told nothing; the failed write is no failure of the daemon.
  response.on('error', () => undefined);
  await run((message) => {
    if (!response.destroyed) response.write(`${JSON.stringify(message)}\n`);
  });
  response.end();
}

async function listen(server: Server, path: string): Promise<void> {
  try {
    await tryListen(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || (await isAnswered(path))) throw error;
    await rm(path, { force: true });
    await tryListen(server, path);
  }
}

function tryListen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function close(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), lastAnswerTime).unref();
  });
  await rm(path, { force: true });
}
