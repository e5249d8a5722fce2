import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { debianPrograms } from './debian-programs.ts';
import { folderVariable } from './processes-of.ts';
import { recordStart } from './record.ts';
import type { ServerName } from './installed.ts';
import { type ProcessOptions, ServerProcess } from './server-process.ts';

const run = promisify(execFile);

/** What every started server offers. `stop` ends its processes, waits for them, and removes its folder. */
export interface RunningServer extends AsyncDisposable {
  readonly name: ServerName;
  /** Where all its state is. */
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

/** One server while it is being started: its temporary folder, its processes, and how all that ends. */
export class ServerScope {
  readonly name: ServerName;
  readonly folder: string;
  readonly #processes: ServerProcess[] = [];

  private constructor(name: ServerName, folder: string) {
    this.name = name;
    this.folder = folder;
  }

  /** Makes the folder and lets `start` do the rest; when that fails, nothing stays behind. */
  static async start<T extends object>(
    name: ServerName,
    start: (scope: ServerScope) => Promise<T>,
    parent: string = tmpdir(),
  ): Promise<T & RunningServer> {
    const began = performance.now();
    const scope = new ServerScope(name, await mkdtemp(join(parent, `${name}-`)));
    try {
      const offer = await start(scope);
      await recordStart(name, performance.now() - began);
      const stop = async (): Promise<void> => await scope.stop();
      return { ...offer, name, folder: scope.folder, stop, [Symbol.asyncDispose]: stop };
    } catch (error) {
      await scope.stop();
      throw error;
    }
  }

  /** Makes a folder inside; answers its path. */
  async directory(name: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Writes a file inside, for nobody else to read; answers its path. */
  async file(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  /** Runs a program to its end; answers its output. Rejects with what it said when it fails. */
  async run(command: string, ...args: string[]): Promise<string> {
    return (await run(command, args, { cwd: this.folder, env: debianPrograms, timeout: 120_000 })).stdout;
  }

  /** Starts a process of the server; its output goes to a file inside. */
  process(command: string, args: readonly string[], options: Partial<ProcessOptions> = {}): ServerProcess {
    const log = join(this.folder, `output-${this.#processes.length}.log`);
    const env = { ...debianPrograms, ...options.env, [folderVariable]: this.folder };
    const started = new ServerProcess(command, args, { cwd: this.folder, log, ...options, env });
    this.#processes.push(started);
    return started;
  }

  /** Ends the processes, the last one first, and removes the folder. */
  async stop(): Promise<void> {
    for (const process of this.#processes.splice(0).reverse()) await process.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * A port that nothing listens on. It is below those that the kernel gives to connections and to `port 0`, so that nobody
 * takes it by chance before the server does.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(10_000, 32_000);
    if (await canListen(port)) return port;
  }
  throw new Error('no port is free');
}

async function canListen(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
