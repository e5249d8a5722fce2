import { spawn } from 'node:child_process';
import { plainEnvironment } from './plain-environment.ts';

/** How a program that was measured ended. */
export interface Ran {
  /** From its start to its end, or to where it was broken off. */
  readonly seconds: number;
  /** It took longer than it may, and was killed. */
  readonly capped: boolean;
  /** What it complained about, when it failed. */
  readonly failure: string | undefined;
  readonly output: string;
}

/** How a program is run. */
export interface ProgramOptions {
  /** Milliseconds after which it is killed, with everything it started. */
  readonly cap: number;
  readonly signal: AbortSignal;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Whether its output is of interest; otherwise it goes to /dev/null. */
  readonly keepsOutput?: boolean | undefined;
}

/** A request that a file system has begun with cannot be killed, so a killed program may wait for it. */
const patienceWithTheDead = 3000;
const complaintBytes = 300;

/** Runs a program to its end, however that comes. Throws the reason of the signal, and what `spawn` does. */
export async function runTimed(program: string, parameters: readonly string[], options: ProgramOptions): Promise<Ran> {
  options.signal.throwIfAborted();
  const began = performance.now();
  const child = spawn(program, parameters, {
    // A group of its own, so that all of it can be killed.
    detached: true,
    env: { ...plainEnvironment(), ...options.environment },
    stdio: ['ignore', options.keepsOutput === true ? 'pipe' : 'ignore', 'pipe'],
  });
  let [output, complaint] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (complaint = (complaint + text).slice(-complaintBytes)));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let [seconds, capped, status] = [0, false, 0 as number | null];
  const kill = (): void => {
    seconds = (performance.now() - began) / 1000;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    setTimeout(resolve, patienceWithTheDead).unref();
  };
  const timer = setTimeout(() => {
    capped = true;
    kill();
  }, options.cap);
  options.signal.addEventListener('abort', kill, { once: true });
  child.once('error', reject);
  child.once('close', (code) => {
    if (seconds === 0) seconds = (performance.now() - began) / 1000;
    status = code;
    resolve();
  });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', kill);
  }
  options.signal.throwIfAborted();
  const failure = capped || status === 0 ? undefined : `${program}: ${complaint.trim() || `exit status ${status}`}`;
  return { seconds, capped, failure, output };
}
