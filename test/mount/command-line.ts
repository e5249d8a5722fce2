import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mountAt, parseMountTable } from '../../src/fuse/mount-table.ts';
import { unmountPath } from '../../src/fuse/unmount.ts';
import type { ProgramResult } from './run-program.ts';

const entry: string = new URL('../../src/cli/main.ts', import.meta.url).pathname;
const patience = 60_000;

/** The command in a temporary directory that is its home and its working directory. Whoever makes it disposes. */
export class CommandLine {
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly mountPoint: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.mountPoint = join(directory, 'mnt');
    const { XDG_RUNTIME_DIR: _runtime, XDG_CACHE_HOME: _cache, NODE_TEST_CONTEXT: _outside, ...rest } = process.env;
    this.environment = { ...rest, HOME: directory, SECRET: 'hunter2' };
  }

  static async make(): Promise<CommandLine> {
    return new CommandLine(await realpath(await mkdtemp(join(tmpdir(), 'cloudfusion-cli-'))));
  }

  /** Runs the command, with `input` typed ahead; killed after a minute. */
  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}, input?: string): Promise<ProgramResult> {
    const env = { ...this.environment, ...environment };
    const options = { cwd: this.directory, env, timeout: patience, killSignal: 'SIGKILL' } as const;
    return new Promise((resolve, reject) => {
      const child = execFile(process.execPath, [entry, ...args], options, (error, output, errors) => {
        if (error?.killed === true) reject(new Error(`cloudfusion ${args.join(' ')} did not end: ${errors}`));
        else if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ status: Number(error?.code ?? 0), output, errors });
      });
      if (input !== undefined) child.stdin?.end(input);
    });
  }

  /** Runs the command, which must succeed; its output. */
  async ok(...args: string[]): Promise<string> {
    const { status, output, errors } = await this.run(args);
    assert.equal(status, 0, `cloudfusion ${args.join(' ')}: ${errors}${output}`);
    return output;
  }

  /** Runs the command, which must fail in this way; what it complains about. */
  async fails(status: number, ...args: string[]): Promise<string> {
    const result = await this.run(args);
    assert.equal(result.status, status, `cloudfusion ${args.join(' ')}: ${result.errors}${result.output}`);
    assert.doesNotMatch(result.errors, /\n {4}at /, 'a stack trace is for nobody');
    return result.errors;
  }

  /** Starts a command that stays; resolves when it has printed `sign`. */
  async stay(sign: RegExp, ...args: string[]): Promise<Staying> {
    const child = spawn(process.execPath, [entry, ...args], {
      cwd: this.directory,
      env: this.environment,
      stdio: 'pipe',
    });
    const staying = new Staying(child);
    await staying.waitFor(sign);
    return staying;
  }

  /** Writes a configuration of the local store into a file; its path. */
  async configure(lines = '', name = 'files.ini'): Promise<string> {
    const file = join(this.directory, name);
    await writeFile(file, `[store]\nname = local\n${lines}\n[auth]\nroot = ./store\npassword = hunter2\n`);
    return file;
  }

  /** The process behind the mount. */
  async daemon(): Promise<number> {
    return (JSON.parse(await this.ok('status', '--json', this.mountPoint)) as { pid: number }).pid;
  }

  /** Every text that this home holds or a process shows in its arguments, for what must not be there. */
  async traces(): Promise<string> {
    const pid = await this.daemon();
    const texts = [await readFile(`/proc/${pid}/cmdline`, 'utf8')];
    const cache = join(this.directory, '.cache');
    for (const entry of await readdir(cache, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) texts.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
    return texts.join('\n');
  }

  /** Waits until nothing is mounted at the mount point. */
  async gone(): Promise<void> {
    for (const end = Date.now() + patience; (await mountAt(this.mountPoint)) !== undefined; await sleep(20))
      if (Date.now() > end) throw new Error('the mount stays');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const table = parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
    for (const { path } of table.filter(({ path }) => path.startsWith(`${this.directory}/`)).reverse()) {
      await this.run(['stop', path]);
      await unmountPath(path, { lazy: true });
    }
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A command that runs until it is told to end. */
export class Staying {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #said = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', resolve));
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
      });
  }

  /** Everything it has printed. */
  get said(): string {
    return this.#said;
  }

  async waitFor(sign: RegExp): Promise<void> {
    for (const end = Date.now() + patience; !sign.test(this.#said); await sleep(20)) {
      const ended = this.#child.exitCode !== null || this.#child.signalCode !== null;
      if (ended || Date.now() > end) throw new Error(`it did not say ${sign}: ${this.#said}`);
    }
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Its exit status; killed when it does not end. */
  async ended(): Promise<number | null> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), patience);
    const status = await this.#ended;
    clearTimeout(timer);
    return status;
  }
}
