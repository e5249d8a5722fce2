import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';

export interface ProgramResult {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

const patience = 60_000;

/** Runs a program on a mount in a process of its own, never on the thread that a mount might hold. Killed after a minute. */
export function tryProgram(program: string, parameters: readonly string[], directory: string): Promise<ProgramResult> {
  const options = { cwd: directory, timeout: patience, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const;
  return new Promise((resolve, reject) => {
    execFile(program, parameters, options, (error, output, errors) => {
      if (error?.killed === true) reject(new Error(`${program} did not end: ${errors}`));
      else if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ status: Number(error?.code ?? 0), output, errors });
    });
  });
}

/** As `tryProgram`, and the program must succeed; its standard output. */
export async function runProgram(program: string, parameters: readonly string[], directory: string): Promise<string> {
  const { status, output, errors } = await tryProgram(program, parameters, directory);
  assert.equal(status, 0, `${program} ${parameters.join(' ')}: ${errors}${output}`);
  return output;
}

/** Runs lines of bash, each of which must succeed. */
export function runShell(script: string, directory: string): Promise<string> {
  return runProgram('bash', ['-euo', 'pipefail', '-c', script], directory);
}

/** Why a test cannot run here, or false: a program is missing. */
export function without(program: string): string | false {
  const { status } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  return status === 0 ? false : `needs ${program}`;
}
