import { constants, openSync } from 'node:fs';
import { constantsOfLinux, flock, lockRange } from './system-calls.ts';

/** The other process of `OtherProcess`: takes a lock, says "locked" or why not, and holds it until it is killed. */
const [kind, path = '', start, length] = process.argv.slice(2);

try {
  const descriptor = openSync(path, constants.O_RDWR);
  if (kind === 'flock') flock(descriptor, constantsOfLinux.LOCK_EX | constantsOfLinux.LOCK_NB);
  else lockRange(descriptor, 'process', 'write', [Number(start), Number(length)]);
  process.stdout.write('locked\n');
} catch (error) {
  process.stdout.write(`${String(error)}\n`);
}
setInterval(() => undefined, 60_000);
