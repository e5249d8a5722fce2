import { readdir, readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import type { Mounted } from '../mount/mounted.ts';

/** Milliseconds that any wait of a round may take; the longest one here is that for the end of all uploads. */
const patience = 90_000;
/** Milliseconds for a daemon that may have stopped answering. */
const answerPatience = 5_000;

/** What `work` comes to. Rejects when that takes too long, with what was waited for and what the daemon was doing meanwhile. */
export async function within<T>(what: string, mounted: Mounted, work: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = setTimeout(patience, undefined, { signal: stop.signal }).then(async () => {
    throw new Error(`${what} took over ${patience / 1000} s; ${await activityOf(mounted)}`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
    work.catch(() => undefined);
  }
}

async function activityOf({ daemon }: Mounted): Promise<string> {
  if (daemon.exited) return 'the daemon is dead';
  const asked = Promise.all([daemon.ask('pending'), daemon.ask('errors')]).then((parts) => JSON.stringify(parts));
  const silent = setTimeout(answerPatience, 'nothing');
  return `the daemon says ${await Promise.race([asked, silent])}; its threads: ${await threadsOf(daemon.pid)}`;
}

/** Name, state, and where in the kernel each thread waits; see proc_pid_stat(5) and `wchan` in proc(5). */
async function threadsOf(pid: number): Promise<string> {
  const tasks = `/proc/${pid}/task`;
  const lines = (await readdir(tasks)).map(async (task) => {
    const [stat, wait] = await Promise.all([
      readFile(`${tasks}/${task}/stat`, 'utf8'),
      readFile(`${tasks}/${task}/wchan`, 'utf8'),
    ]);
    return `${stat.split(' ').slice(1, 3).join(' ')} ${wait}`;
  });
  return (await Promise.all(lines)).join(', ');
}
