import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What the process of a line is asked; it answers with its figures. */
export interface LineRequest {
  /** Milliseconds from now on, for new data and new connections. */
  readonly roundTrip?: number;
}

/** What went over a line since it began. */
export interface LineFigures {
  /** Bytes to the server. */
  readonly up: number;
  /** Bytes from the server. */
  readonly down: number;
  readonly connections: number;
  /** How many requests, by method. */
  readonly requests: Readonly<Record<string, number>>;
}

/** A long line to a server on this machine: a round trip that can be set, and what goes over it counted. */
export class Line {
  readonly port: number;
  readonly #process: ChildProcess;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  /** Starts the line before the server at this port of 127.0.0.1. */
  static async start(target: number): Promise<Line> {
    const script = new URL('long-line.ts', import.meta.url).pathname;
    const process = fork(script, [String(target)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const [port] = (await once(process, 'message')) as [number];
    return new Line(process, port);
  }

  /** Sets the round trip in milliseconds. */
  async setRoundTrip(roundTrip: number): Promise<void> {
    await this.#ask({ roundTrip });
  }

  /** What went over the line until now. */
  figures(): Promise<LineFigures> {
    return this.#ask({});
  }

  /** Ends the line and every connection. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.disconnect();
    await exited;
  }

  /** One question at a time, so that each answer belongs to the last question. */
  #ask(request: LineRequest): Promise<LineFigures> {
    const answer = this.#last.then(async () => {
      const answered = once(this.#process, 'message');
      this.#process.send(request);
      return ((await answered) as [LineFigures])[0];
    });
    this.#last = answer.catch(() => undefined);
    return answer;
  }
}

/** What went over the line between two looks at its figures. */
export function difference(before: LineFigures, after: LineFigures): LineFigures {
  const methods = Object.entries(after.requests).map(([method, count]) => [
    method,
    count - (before.requests[method] ?? 0),
  ]);
  return {
    up: after.up - before.up,
    down: after.down - before.down,
    connections: after.connections - before.connections,
    requests: Object.fromEntries(methods.filter(([, count]) => Number(count) > 0)) as Record<string, number>,
  };
}
