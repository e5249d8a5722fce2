import assert from 'node:assert/strict';
import { renameSync, unlinkSync } from 'node:fs';
import type { PosixCase } from '../posix-case.ts';
import type { PosixTrial } from '../posix-trial.ts';
import {
  attributeLength,
  constantsOfLinux,
  getAttribute,
  listAttributes,
  removeAttribute,
  setAttribute,
} from '../system-calls.ts';

const { XATTR_CREATE, XATTR_REPLACE } = constantsOfLinux;
const without: PosixCase['unless'] = ({ extendedAttributes }) =>
  extendedAttributes ? undefined : 'no extended attributes';

/** The names of a program; those that a file system shows by itself are left out. */
function ownNames(trial: PosixTrial, name: string): string[] {
  return listAttributes(trial.path(name)).filter((attribute) => attribute.startsWith('user.test.'));
}

/** xattr(7), setxattr(2), getxattr(2), listxattr(2), removexattr(2). */
export const extendedAttributeCases: readonly PosixCase[] = [
  {
    name: 'an extended attribute is set, or the answer is ENOTSUP',
    run: (trial) => {
      const path = trial.file('a');
      const set = (): void => setAttribute(path, 'user.test.a', 'value');
      if (trial.features.extendedAttributes) set();
      else trial.fails('ENOTSUP EOPNOTSUPP', set);
      assert.deepEqual(ownNames(trial, 'a'), trial.features.extendedAttributes ? ['user.test.a'] : []);
    },
  },
  {
    name: 'an attribute that is not there is ENODATA',
    run: (trial) => {
      trial.fails('ENODATA', () => getAttribute(trial.file('a'), 'user.test.missing'));
      trial.fails('ENOENT', () => getAttribute(trial.path('missing'), 'user.test.a'));
    },
  },
  {
    name: 'values are kept byte for byte, on files and directories, and replaced',
    unless: without,
    run: (trial) => {
      for (const path of [trial.file('a'), trial.folder('d')]) {
        const value = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
        setAttribute(path, 'user.test.bytes', value);
        assert.deepEqual(getAttribute(path, 'user.test.bytes'), value);
        setAttribute(path, 'user.test.bytes', 'shorter');
        assert.equal(getAttribute(path, 'user.test.bytes').toString(), 'shorter');
        setAttribute(path, 'user.test.bytes', '');
        assert.equal(attributeLength(path, 'user.test.bytes'), 0);
      }
    },
  },
  {
    name: 'XATTR_CREATE is EEXIST for what is there, XATTR_REPLACE ENODATA for what is not',
    unless: without,
    run: (trial) => {
      const path = trial.file('a');
      trial.fails('ENODATA', () => setAttribute(path, 'user.test.a', '1', XATTR_REPLACE));
      setAttribute(path, 'user.test.a', '1', XATTR_CREATE);
      trial.fails('EEXIST', () => setAttribute(path, 'user.test.a', '2', XATTR_CREATE));
      setAttribute(path, 'user.test.a', '3', XATTR_REPLACE);
      assert.equal(getAttribute(path, 'user.test.a').toString(), '3');
    },
  },
  {
    name: 'a value that has no room is ERANGE, and its length can be asked for',
    unless: without,
    run: (trial) => {
      const path = trial.file('a');
      setAttribute(path, 'user.test.a', 'ten bytes!');
      assert.equal(attributeLength(path, 'user.test.a'), 10);
      trial.fails('ERANGE', () => getAttribute(path, 'user.test.a', 9));
    },
  },
  {
    name: 'a removed attribute is gone, and removing it again is ENODATA',
    unless: without,
    run: (trial) => {
      const path = trial.file('a');
      setAttribute(path, 'user.test.a', '1');
      setAttribute(path, 'user.test.b', '2');
      removeAttribute(path, 'user.test.a');
      trial.fails('ENODATA', () => removeAttribute(path, 'user.test.a'));
      assert.deepEqual(ownNames(trial, 'a'), ['user.test.b']);
    },
  },
  {
    name: 'attributes follow a rename, and a new file of the name has none',
    unless: without,
    run: (trial) => {
      const path = trial.file('a');
      setAttribute(path, 'user.test.a', '1');
      renameSync(path, trial.path('b'));
      trial.file('a');
      assert.deepEqual([ownNames(trial, 'a'), ownNames(trial, 'b')], [[], ['user.test.a']]);
      unlinkSync(trial.path('b'));
      trial.file('b');
      assert.deepEqual(ownNames(trial, 'b'), []);
    },
  },
  {
    name: 'a name of an attribute over 255 bytes is ERANGE, one in no known space ENOTSUP',
    run: (trial) => {
      const path = trial.file('a');
      trial.fails('ERANGE', () => setAttribute(path, `user.${'x'.repeat(251)}`, '1'));
      trial.fails('ENOTSUP EOPNOTSUPP', () => setAttribute(path, 'nowhere.a', '1'));
    },
  },
];
