import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const startMilliseconds = 120_000;
const stopMilliseconds = 15_000;
const logTail = 4000;

/** How to start a process. */
export interface ProcessOptions {
  readonly cwd: string;
  /** Where its output goes. */
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Has processes of its own, which it must get the chance to end. */
  readonly hasChildren?: boolean;
  /** More options of `setpriv`, which starts it. */
  readonly privileges?: readonly string[];
}

/** A server process in the foreground. It ends when the process that started it dies, however that dies. */
export class ServerProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  readonly #log: string;
  #end: string | undefined;

  constructor(command: string, args: readonly string[], options: ProcessOptions) {
    const { cwd, log, env = process.env, hasChildren = false, privileges = [] } = options;
    this.name = command;
    this.#log = log;
    const output = openSync(log, 'a');
    this.#child = spawn(
      'setpriv',
      ['--pdeathsig', hasChildren ? 'TERM' : 'KILL', ...privileges, '--', command, ...args],
      {
        cwd,
        env,
        stdio: ['ignore', output, output],
      },
    );
    closeSync(output);
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(`did not start: ${error.message}`));
      this.#child.once('exit', (status, signal) => resolve(`ended with ${signal ?? `exit status ${status}`}`));
    });
    void this.#ended.then((end) => (this.#end = end));
  }

  /** Resolves once something listens on the port; rejects with the end of the log if the process ends before. */
  async listening(port: number): Promise<void> {
    await this.ready(() => answers(port));
  }

  /** Resolves once `isReady` answers true; rejects with the end of the log if the process ends before. */
  async ready(isReady: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + startMilliseconds;
    while (!((await this.runs()) && (await isReady()))) {
      if (Date.now() > deadline) throw new Error(`${this.name} does not get ready\n${await this.said()}`);
      await delay(30);
    }
  }

  /** True; rejects with the end of the log if the process has ended. */
  async runs(): Promise<true> {
    if (this.#end !== undefined) throw new Error(`${this.name} ${this.#end}\n${await this.said()}`);
    return true;
  }

  /** The end of what the process wrote. */
  async said(): Promise<string> {
    return (await readFile(this.#log, 'utf8')).slice(-logTail);
  }

  /** Stops the process and waits for its end; kills it when it does not obey. */
  async stop(): Promise<void> {
    if (this.#end !== undefined) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopMilliseconds);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** Whether something listens on a port of 127.0.0.1. */
export async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
