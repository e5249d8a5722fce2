import assert from 'node:assert/strict';
import {
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { DirectoryStream, directoryTypes } from '../directory-stream.ts';
import type { PosixCase } from '../posix-case.ts';
import { constantsOfLinux, makeNode } from '../system-calls.ts';

const withoutLinks: PosixCase['unless'] = ({ symbolicLinks }) => (symbolicLinks ? undefined : 'no symbolic links');

/** symlink(2), readlink(2), link(2), mknod(2), symlink(7). */
export const linkCases: readonly PosixCase[] = [
  {
    name: 'a symbolic link is made, or the answer is ENOTSUP and nothing is there',
    run: (trial) => {
      const make = (): void => symlinkSync('target', trial.path('link'));
      if (trial.features.symbolicLinks) make();
      else trial.fails('ENOTSUP EOPNOTSUPP', make);
      assert.deepEqual(trial.names(), trial.features.symbolicLinks ? ['link'] : []);
    },
  },
  {
    name: 'a symbolic link keeps its target byte for byte, and its size is the target’s',
    unless: withoutLinks,
    run: (trial) => {
      for (const [index, target] of ['a', '../x/./y', '/absolute', ' ', 'ü/😀', 'x'.repeat(4095)].entries()) {
        const path = trial.path(`link ${index}`);
        symlinkSync(target, path);
        assert.equal(readlinkSync(path), target);
        assert.deepEqual([lstatSync(path).size, lstatSync(path).isSymbolicLink()], [Buffer.byteLength(target), true]);
      }
    },
  },
  {
    name: 'a path goes through symbolic links, to files and directories',
    unless: withoutLinks,
    run: (trial) => {
      trial.folder('d');
      trial.file('d/f', 'text');
      symlinkSync('d', trial.path('to d'));
      symlinkSync('to d/f', trial.path('to f'));
      assert.deepEqual([trial.text('to d/f'), trial.text('to f')], ['text', 'text']);
      writeFileSync(trial.path('to f'), 'through');
      assert.equal(trial.text('d/f'), 'through');
      assert.equal(statSync(trial.path('to f')).ino, statSync(trial.path('d/f')).ino);
    },
  },
  {
    name: 'a dangling link is ENOENT, and writing through it makes the target',
    unless: withoutLinks,
    run: (trial) => {
      symlinkSync('later', trial.path('link'));
      trial.fails('ENOENT', () => readFileSync(trial.path('link')));
      writeFileSync(trial.path('link'), 'made');
      assert.equal(trial.text('later'), 'made');
    },
  },
  {
    name: 'links in a circle are ELOOP',
    unless: withoutLinks,
    run: (trial) => {
      symlinkSync('b', trial.path('a'));
      symlinkSync('a', trial.path('b'));
      trial.fails('ELOOP', () => readFileSync(trial.path('a')));
    },
  },
  {
    name: 'rename and unlink are about the link, not about its target',
    unless: withoutLinks,
    run: (trial) => {
      trial.file('f', 'text');
      symlinkSync('f', trial.path('link'));
      renameSync(trial.path('link'), trial.path('renamed'));
      assert.equal(readlinkSync(trial.path('renamed')), 'f');
      renameSync(trial.file('g', 'over'), trial.path('renamed'));
      assert.equal(trial.text('renamed'), 'over');
      symlinkSync('f', trial.path('again'));
      unlinkSync(trial.path('again'));
      assert.deepEqual([trial.names(), trial.text('f')], [['f', 'renamed'], 'text']);
    },
  },
  {
    name: 'a link does not replace anything: EEXIST; only a link is read as one: EINVAL',
    unless: withoutLinks,
    run: (trial) => {
      trial.fails('EEXIST', () => symlinkSync('x', trial.file('f')));
      trial.fails('EEXIST', () => symlinkSync('x', trial.folder('d')));
      symlinkSync('x', trial.path('link'));
      trial.fails('EEXIST', () => symlinkSync('x', trial.path('link')));
      trial.fails('EEXIST', () => mkdirSync(trial.path('link')));
      trial.fails('EINVAL', () => readlinkSync(trial.path('f')));
      trial.fails('ENAMETOOLONG', () => symlinkSync('x', trial.path('x'.repeat(256))));
    },
  },
  {
    name: 'a listing says which names are links',
    unless: withoutLinks,
    run: (trial) => {
      symlinkSync('anywhere', trial.path('link'));
      using stream = new DirectoryStream(trial.directory);
      assert.equal(stream.rest().find(({ name }) => name === 'link')?.type, directoryTypes.link);
    },
  },
  {
    name: 'a hard link is the same file, or the answer is ENOTSUP or EPERM and nothing is there',
    run: (trial) => {
      const path = trial.file('a', 'text');
      const make = (): void => linkSync(path, trial.path('b'));
      if (!trial.features.hardLinks) {
        trial.fails('ENOTSUP EOPNOTSUPP EPERM', make);
        return assert.deepEqual(trial.names(), ['a']);
      }
      make();
      assert.deepEqual([statSync(path).ino, statSync(path).nlink], [statSync(trial.path('b')).ino, 2]);
    },
  },
  {
    name: 'pipes, sockets and devices are made, or the answer is ENOTSUP or EPERM and nothing is there',
    unless: ({ specialFiles }) => (specialFiles && process.getuid?.() !== 0 ? 'needs root' : undefined),
    run: (trial) => {
      const { S_IFCHR, S_IFIFO, S_IFSOCK } = constantsOfLinux;
      for (const [index, type] of [S_IFIFO, S_IFSOCK, S_IFCHR].entries()) {
        const make = (): void => makeNode(trial.path(`special ${index}`), type | 0o600);
        if (trial.features.specialFiles) make();
        else trial.fails('ENOTSUP EOPNOTSUPP EPERM', make);
      }
      assert.equal(trial.names().length, trial.features.specialFiles ? 3 : 0);
    },
  },
];
