import { opcodes } from '../../src/fuse/abi.ts';
import type { FoundEntry } from '../../src/fuse/encode.ts';
import type { Attributes } from '../../src/fuse/file-system.ts';
import { annotated } from './fuse-bytes.ts';

/** One request as the kernel sends it, the call that it must become, and the reply that the call's answer must become. */
export interface WireExchange {
  readonly name: string;
  readonly opcode: number;
  /** Behind the header. */
  readonly request: Buffer;
  /** The method of `FileSystem`, and what it is called with before the `Request`. */
  readonly method: string;
  readonly call: readonly unknown[];
  readonly answer?: unknown;
  /** Behind the header; undefined where the protocol has no reply. */
  readonly reply: Buffer | undefined;
}

/** Attributes of which no two fields, and few bytes, are alike. */
export const attributes: Attributes = {
  ino: 0x01_0203_0405,
  size: 5 * 2 ** 30,
  blocks: 10_485_760,
  mode: 0o100644,
  nlink: 1,
  uid: 1000,
  gid: 100,
  atime: 1_700_000_000_123,
  mtime: -1500,
  ctime: 1_700_000_000_000.25,
};
/** An entry of them. */
export const entry: FoundEntry = { node: 9, attributes, entryTimeout: 1.5, attributeTimeout: 60 };

const attributeBytes = `
  0504030201000000  // ino
  0000004001000000  // size
  0000a00000000000  // blocks
  00f1536500000000  // atime
  feffffffffffffff  // mtime: two seconds before 1970, and half a second more below
  00f1536500000000  // ctime
  c0d45407 0065cd1d 90d00300  // nanoseconds of the three
  a4810000 01000000 e8030000 64000000  // mode, nlink, uid, gid
  00000000 00000100 00000000  // rdev, blksize, flags
`;
const entryBytes = `
  0900000000000000 0000000000000000  // nodeid, generation
  0100000000000000 3c00000000000000  // entry_valid, attr_valid
  0065cd1d 00000000  // their nanoseconds
  ${attributeBytes}
`;
const openBytes =
  '0300000000000000 2b000000 00000000  // fh, open_flags: DIRECT_IO KEEP_CACHE CACHE_DIR NOFLUSH, padding';
const open = { handle: 3, directIo: true, keepCache: true, cacheDirectory: true, noFlush: true };
const nothing = Buffer.alloc(0);

const rows: [
  name: string,
  request: string,
  method: string,
  call: unknown[],
  answer: unknown,
  reply: string | undefined,
][] = [
  ['LOOKUP', '"foo" 00', 'lookup', [5, 'foo'], entry, entryBytes],
  ['FORGET', '0300000001000000', 'forget', [5, 2 ** 32 + 3], undefined, undefined],
  [
    'GETATTR',
    '01000000 00000000 0300000000000000  // FUSE_GETATTR_FH, dummy, fh',
    'getattr',
    [5, 3],
    { attributes, attributeTimeout: 0.25 },
    `0000000000000000 80b2e60e 00000000 ${attributeBytes}`,
  ],
  [
    'SETATTR',
    `7f000000 00000000  // valid: all up to FH, padding
       0300000000000000 0000004001000000 0000000000000000  // fh, size, lock_owner
       00f1536500000000 feffffffffffffff 0000000000000000  // atime, mtime, ctime
       c0d45407 0065cd1d 00000000 a4810000  // their nanoseconds, mode
       00000000 e8030000 64000000 00000000  // unused, uid, gid, unused`,
    'setattr',
    [
      5,
      {
        handle: 3,
        size: 5 * 2 ** 30,
        atime: 1_700_000_000_123,
        mtime: -1500,
        mode: 0o100644,
        uid: 1000,
        gid: 100,
      },
    ],
    { attributes, attributeTimeout: Number.POSITIVE_INFINITY },
    `ffffffff00000000 00000000 00000000 ${attributeBytes}`,
  ],
  ['READLINK', '', 'readlink', [5], '../ü', '2e2e2fc3bc'],
  ['SYMLINK', '"name" 00 "/to" 00', 'symlink', [5, 'name', '/to'], entry, entryBytes],
  [
    'MKNOD',
    'a4810000 00000000 12000000 00000000  // mode, rdev, umask, padding\n "n" 00',
    'mknod',
    [5, 'n', 0o100644],
    entry,
    entryBytes,
  ],
  ['MKDIR', 'ed010000 12000000 "d" 00  // mode, umask', 'mkdir', [5, 'd', 0o755], entry, entryBytes],
  ['UNLINK', 'e2 82 ac 00  // €', 'unlink', [5, '€'], undefined, ''],
  ['RMDIR', '"d" 00', 'rmdir', [5, 'd'], undefined, ''],
  ['LINK', '0900000000000000 "l" 00  // oldnodeid', 'link', [9, 5, 'l'], entry, entryBytes],
  [
    'RENAME',
    '0600000000000000 "a" 00 "b" 00  // newdir',
    'rename',
    [5, 'a', 6, 'b', { noReplace: false, exchange: false }],
    undefined,
    '',
  ],
  [
    'RENAME2',
    '0600000000000000 01000000 00000000 "a" 00 "b" 00  // newdir, RENAME_NOREPLACE, padding',
    'rename',
    [5, 'a', 6, 'b', { noReplace: true, exchange: false }],
    undefined,
    '',
  ],
  ['OPEN', '01840000 00000000  // flags, open_flags', 'open', [5, 0x8401], open, openBytes],
  [
    'CREATE',
    '41800000 a4810000 12000000 00000000 "c" 00  // flags, mode, umask, open_flags',
    'create',
    [5, 'c', 0o100644, 0x8041],
    { entry, open },
    `${entryBytes}${openBytes}`,
  ],
  [
    'WRITE',
    `0300000000000000 0000000001000000 03000000 00000000  // fh, offset, size, write_flags
       0000000000000000 01840000 00000000 "abc"  // lock_owner, flags, padding, data`,
    'write',
    [5, 3, 2 ** 32, new Uint8Array(Buffer.from('abc'))],
    3,
    '03000000 00000000',
  ],
  ['FLUSH', '0300000000000000 00000000 00000000 0000000000000000', 'flush', [5, 3], undefined, ''],
  ['RELEASE', '0300000000000000 01840000 00000000 0000000000000000', 'release', [5, 3], undefined, ''],
  ['FSYNC', '0300000000000000 01000000 00000000  // fh, FDATASYNC', 'fsync', [5, 3, true], undefined, ''],
  [
    'FALLOCATE',
    '0300000000000000 0010000000000000 0000000001000000 01000000 00000000  // fh, offset, length, mode',
    'fallocate',
    [5, 3, 4096, 2 ** 32, 1],
    undefined,
    '',
  ],
  [
    'LSEEK',
    '0300000000000000 0010000000000000 04000000 00000000  // fh, offset, SEEK_HOLE',
    'lseek',
    [5, 3, 4096, 4],
    2 ** 33,
    '0000000002000000',
  ],
  ['OPENDIR', '00000100 00000000  // flags', 'opendir', [5, 0x10000], open, openBytes],
  ['RELEASEDIR', '0300000000000000 00000000 00000000 0000000000000000', 'releasedir', [5, 3], undefined, ''],
  ['FSYNCDIR', '0300000000000000 00000000 00000000', 'fsyncdir', [5, 3, false], undefined, ''],
  [
    'STATFS',
    '',
    'statfs',
    [5],
    { blockSize: 4096, blocks: 2 ** 33, blocksFree: 7, files: 8, filesFree: 9 },
    `0000000002000000 0700000000000000 0700000000000000 0800000000000000 0900000000000000
       00100000 ff000000 00100000 00000000  // bsize, namelen, frsize, padding
       00000000 00000000 00000000 00000000 00000000 00000000`,
  ],
  ['GETXATTR', '10000000 00000000 "user.a" 00', 'getxattr', [5, 'user.a'], Buffer.from('value'), '"value"'],
  ['LISTXATTR', '10000000 00000000', 'listxattr', [5], ['user.a', 'ü'], '"user.a" 00 c3bc 00'],
  [
    'SETXATTR',
    '03000000 01000000 00000000 00000000 "user.a" 00 "abc"  // size, flags, setxattr_flags, padding',
    'setxattr',
    [5, 'user.a', new Uint8Array(Buffer.from('abc')), 1],
    undefined,
    '',
  ],
  ['REMOVEXATTR', '"user.a" 00', 'removexattr', [5, 'user.a'], undefined, ''],
];

/** Every request with a plain answer; READ, READDIR, BATCH_FORGET and those about the session have tests of their own. */
export const wireExchanges: readonly WireExchange[] = rows.map(([name, request, method, call, answer, reply]) => ({
  name,
  opcode: opcodes[name as keyof typeof opcodes],
  request: annotated(request),
  method,
  call,
  answer,
  reply: reply === undefined ? undefined : reply === '' ? nothing : annotated(reply),
}));
