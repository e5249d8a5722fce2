/**
 * Asks a mount small questions, two milliseconds apart, until it is told to end, and measures each: `prober.ts MOUNTED PLAIN`,
 * two files of 4 KiB. Then sends its `Latencies`. What happens to the plain file tells what the machine adds by itself.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import koffi from 'koffi';

/** Milliseconds that each question took, by question. */
export interface Latencies {
  /** GETATTR: a stat for which the kernel must ask. */
  readonly stat: readonly number[];
  /** Open, read 4 KiB, close. */
  readonly read: readonly number[];
  /** The same stat of the plain file. */
  readonly plain: readonly number[];
}

const pause = 2;
const pageBytes = 4096;

/** linux/fcntl.h, linux/stat.h: whatever the kernel holds of a file, ask for it; all basic fields; the size of the answer. */
const AT_FDCWD = -100;
const AT_STATX_FORCE_SYNC = 0x2000;
const STATX_BASIC_STATS = 0x7ff;
const statxBytes = 256;

const statx = koffi.load('libc.so.6').func('int statx(int, const char *, int, unsigned int, _Out_ uint8_t *)');
const answer = new Uint8Array(statxBytes);
const page = Buffer.alloc(pageBytes);
const [mounted = '', plain = ''] = process.argv.slice(2);
const latencies = { stat: [] as number[], read: [] as number[], plain: [] as number[] };

const timer = setInterval(() => {
  latencies.plain.push(timed(() => stat(plain)));
  latencies.stat.push(timed(() => stat(mounted)));
  latencies.read.push(timed(read));
}, pause);
process.once('message', () => {
  clearInterval(timer);
  process.send?.(latencies, () => process.disconnect());
});
process.on('SIGINT', () => undefined);

function timed(ask: () => void): number {
  const began = performance.now();
  ask();
  return performance.now() - began;
}

function stat(path: string): void {
  const failed = statx(AT_FDCWD, path, AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, answer) as number;
  if (failed !== 0) throw new Error(`${path} cannot be looked at`);
}

function read(): void {
  const file = openSync(mounted, 'r');
  try {
    if (readSync(file, page) !== pageBytes) throw new Error(`${mounted} is too short`);
  } finally {
    closeSync(file);
  }
}
