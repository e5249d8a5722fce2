import { lstatSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { nodeHttp } from '../http/node-http.ts';
import { CommandError } from './command-error.ts';
import { type QueueAnswer, type QueueOrder, urlOf } from './daemon/queue-order.ts';
import type { QueueReport } from './daemon/queue-report.ts';
import type { StatusReport, StopMessage, SyncMessage } from './daemon/control-protocol.ts';

/** The daemon of a mount, seen from a command. */
export interface ControlClient {
  status(): Promise<StatusReport>;
  /** What is to be sent. Throws `CommandError` while the mount is not configured. */
  queue(): Promise<QueueReport>;
  order(order: QueueOrder): Promise<QueueAnswer>;
  /** Messages until the last one; leaving the loop or aborting ends the waiting, not the uploads. */
  sync(signal?: AbortSignal): AsyncIterable<SyncMessage>;
  /** A mount that is in use is ended only by `force`. */
  stop(options: { readonly force: boolean }): AsyncIterable<StopMessage>;
}

/** Finds the daemon that listens on one of `paths`; undefined when none does. */
export async function findControl(paths: readonly string[]): Promise<ControlClient | undefined> {
  for (const path of paths.filter(isOwnSocket)) {
    const client = clientOf(path);
    try {
      await client.status();
      return client;
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return undefined;
}

function clientOf(path: string): ControlClient {
  return {
    status: () => answerTo<StatusReport>(path, 'GET', '/status'),
    queue: async () => {
      const report = await answerTo<QueueReport | null>(path, 'GET', '/queue');
      if (report === null) throw new CommandError('failed', 'the mount is not configured');
      return report;
    },
    order: (order) => answerTo<QueueAnswer>(path, 'POST', urlOf(order)),
    sync: (signal) => messages<SyncMessage>(path, '/sync', signal),
    stop: ({ force }) => messages<StopMessage>(path, force ? '/stop?force' : '/stop', undefined),
  };
}

/** Milliseconds in which a living daemon answers a question that needs nobody else. */
const patience = 10_000;

async function answerTo<T>(path: string, method: string, url: string): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of await ask(path, method, url, AbortSignal.timeout(patience))) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as T;
}

async function* messages<T>(path: string, url: string, signal: AbortSignal | undefined): AsyncIterable<T> {
  const response = await ask(path, 'POST', url, signal);
  let rest = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as T;
  }
}

function ask(path: string, method: string, url: string, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = nodeHttp.request(
      { socketPath: path, method, path: url, agent: false, ...(signal && { signal }) },
      (response) => {
        if (response.statusCode === 200) resolve(response);
        else {
          response.resume();
          reject(new CommandError('failed', `the mount does not know ${url}: it runs another version of cloudfusion`));
        }
      },
    );
    outgoing.once('error', (error) => {
      if (
        error.name === 'AbortError' &&
        signal?.reason instanceof DOMException &&
        signal.reason.name === 'TimeoutError'
      )
        reject(new CommandError('failed', 'the mount does not answer; its process may be busy or hang'));
      else reject(error);
    });
    outgoing.end();
  });
}

/** Others may make files in a directory for everybody: only what belongs to this user is asked. */
function isOwnSocket(path: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status !== undefined && status.isSocket() && status.uid === process.getuid?.();
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ECONNREFUSED' || code === 'ENOENT';
}
