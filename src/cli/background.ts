import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { CommandError } from './command-error.ts';
import type { StartMessage } from './daemon/control-protocol.ts';
import { withHeapFlags, withHeapVariables } from './heap-flags.ts';

/** What a mount in the background reports once it works. */
export type Ready = Extract<StartMessage, { kind: 'ready' }>;

/**
 * Starts this program again with `args`, apart from the terminal, and waits for what it reports: resolves when the mount
 * works, and throws `CommandError` with what the other process said when it does not. Secrets pass through files and the
 * environment as the user put them there, never through arguments.
 */
export async function startInBackground(args: readonly string[], notice: (text: string) => void): Promise<Ready> {
  const directory = mkdtempSync(join(tmpdir(), 'cloudfusion-'));
  const complaints = join(directory, 'stderr');
  const descriptor = openSync(complaints, 'w', 0o600);
  try {
    return await runUntilReady(args, descriptor, notice, () => readFileSync(complaints, 'utf8').trim());
  } finally {
    closeSync(descriptor);
    rmSync(directory, { recursive: true, force: true });
  }
}

function runUntilReady(
  args: readonly string[],
  stderr: number,
  notice: (text: string) => void,
  complaints: () => string,
): Promise<Ready> {
  const entry = join(import.meta.dirname, `main${extname(import.meta.filename)}`);
  const child = spawn(process.execPath, [...withHeapFlags(process.execArgv), entry, ...args], {
    detached: true,
    env: withHeapVariables(process.env),
    stdio: ['ignore', 'ignore', stderr, 'ipc'],
  });
  const interrupt = (): void => void child.kill('SIGINT');
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  return new Promise<Ready>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const said = complaints();
      const how = signal === null ? `exit status ${code}` : signal;
      reject(new CommandError('failed', `the mount ended before it worked (${how})${said === '' ? '' : `:\n${said}`}`));
    });
    child.on('message', (message: StartMessage) => {
      if (message.kind === 'notice') notice(message.text);
      else if (message.kind === 'ready') resolve(message);
      else reject(new CommandError(message.reason, message.message));
    });
  }).finally(() => {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    child.removeAllListeners();
    if (child.connected) child.disconnect();
    child.unref();
  });
}
