import {
  constants,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { PosixCase } from '../posix-case.ts';
import type { PosixTrial } from '../posix-trial.ts';
import {
  constantsOfLinux,
  fallocate,
  getAttribute,
  lseek,
  makeNode,
  openBytes,
  setAttribute,
} from '../system-calls.ts';

/** A row of the table of reasons in `docs/errors.md`. */
export interface ErrnoRow {
  readonly errno: string;
  readonly reason: string;
  /** A call that must fail, made in a directory with the file `f`, the directory `d` and the file `d/in`. */
  readonly call: (trial: PosixTrial) => unknown;
  /** Only a mount of a store fails so. */
  readonly ofMounts?: boolean;
}

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_WRONLY } = constants;
const { FALLOC_FL_COLLAPSE_RANGE, S_IFIFO, SEEK_DATA } = constantsOfLinux;

/** The reasons for which calls fail on a mount, whatever the service says. */
export const errnoRows: readonly ErrnoRow[] = [
  {
    errno: 'ENOENT',
    reason: 'Nothing has this name, or a directory on the way is missing.',
    call: (t) => statSync(t.path('no')),
  },
  {
    errno: 'EEXIST',
    reason: 'The name is taken, and it was to be made new.',
    call: (t) => t.open('f', O_CREAT | O_EXCL | O_WRONLY),
  },
  { errno: 'ENOTDIR', reason: 'A file stands where a directory is needed.', call: (t) => readdirSync(t.path('f')) },
  {
    errno: 'EISDIR',
    reason: 'A directory stands where a file is needed.',
    call: (t) => openSync(t.path('d'), O_WRONLY),
  },
  { errno: 'ENOTEMPTY', reason: 'The directory has entries.', call: (t) => rmdirSync(t.path('d')) },
  {
    errno: 'EINVAL',
    reason: 'A directory was to go into itself.',
    call: (t) => renameSync(t.path('d'), t.path('d', 'x')),
  },
  {
    errno: 'EINVAL',
    reason: 'What was asked makes no sense: a length below 1, the target of no link.',
    call: (t) => readlinkSync(t.path('f')),
  },
  {
    errno: 'ENAMETOOLONG',
    reason: 'A name has more than 255 bytes, or a path more than 4,095.',
    call: (t) => mkdirSync(t.path('x'.repeat(256))),
  },
  {
    errno: 'EILSEQ',
    reason: 'A name is not UTF-8.',
    call: (t) => openBytes(Buffer.concat([Buffer.from(t.path('')), Buffer.of(0xff)]), O_CREAT | O_WRONLY),
    ofMounts: true,
  },
  {
    errno: 'ELOOP',
    reason: 'Symbolic links lead to each other.',
    call: (t) => (symlinkSync('l', t.path('l')), statSync(t.path('l'))),
  },
  {
    errno: 'EBADF',
    reason: 'The descriptor is closed, or was not opened for this.',
    call: (t) => writeSync(t.open('f', O_RDONLY), 'x'),
  },
  {
    errno: 'EXDEV',
    reason: 'A rename from a mount to somewhere else.',
    call: (t) => renameSync(t.path('f'), '/proc/f'),
  },
  {
    errno: 'ENXIO',
    reason: 'There is no data at or behind this place.',
    call: (t) => lseek(t.open('f', O_RDONLY), 100, SEEK_DATA),
  },
  {
    errno: 'ENODATA',
    reason: 'The file has no such extended attribute.',
    call: (t) => getAttribute(t.path('f'), 'user.no'),
  },
  {
    errno: 'ERANGE',
    reason: 'The value of an extended attribute is longer than the room for it.',
    call: (t) => (setAttribute(t.path('f'), 'user.a', 'value'), getAttribute(t.path('f'), 'user.a', 1)),
  },
  { errno: 'EPERM', reason: 'A hard link.', call: (t) => linkSync(t.path('f'), t.path('g')), ofMounts: true },
  {
    errno: 'EPERM',
    reason: 'A pipe, a socket or a device.',
    call: (t) => makeNode(t.path('p'), S_IFIFO | 0o600),
    ofMounts: true,
  },
  {
    errno: 'ENOTSUP',
    reason: 'A part cut out of a file by `fallocate`, or put into it.',
    call: (t) => fallocate(t.open('f', O_RDWR), FALLOC_FL_COLLAPSE_RANGE, 0, 4096),
    ofMounts: true,
  },
  {
    errno: 'EINVAL',
    reason: 'A file that was opened for reading is cut.',
    call: (t) => ftruncateSync(t.open('f', O_RDONLY), 0),
  },
  { errno: 'EISDIR', reason: 'A directory is unlinked.', call: (t) => unlinkSync(t.path('d')) },
  {
    errno: 'EISDIR',
    reason: 'The bytes of a directory are read.',
    call: (t) => readSync(t.open('d', O_RDONLY), Buffer.alloc(1)),
  },
];

/** The table of `docs/errors.md`, row by row. */
export const errnoCases: readonly PosixCase[] = errnoRows.map(({ errno, reason, call, ofMounts }) => ({
  name: `${errno}: ${reason}`,
  unless: ({ hardLinks }) => (ofMounts === true && hardLinks ? 'only a mount of a store fails so' : undefined),
  run: (trial) => {
    trial.file('f', 'text');
    trial.folder('d');
    trial.file('d/in');
    trial.fails(errno, () => call(trial));
  },
}));
