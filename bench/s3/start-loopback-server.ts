import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** The loopback server in a process of its own. */
export interface LoopbackServer {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** Starts it; with a file of key and certificate it speaks https. */
export async function startLoopbackServer(identity?: string): Promise<LoopbackServer> {
  const script = new URL('loopback-server.ts', import.meta.url).pathname;
  const server = fork(script, identity === undefined ? [] : [identity], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.stdout?.once('data', (text: Buffer) => resolve(Number(String(text).trim())));
    server.once('exit', () => reject(new Error('the server did not start')));
  });
  return { port, stop: () => end(server) };
}

async function end(server: ChildProcess): Promise<void> {
  const exited = once(server, 'exit');
  server.kill();
  await exited;
}
