import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { attributeBits, initFlags, initFlags2, notifyCodes, opcodes, openBits } from './abi.ts';
import { Errno, errnoNumbers } from './errno.ts';

const headerPath = '/usr/include/linux/fuse.h';
const errnoPaths = ['/usr/include/asm-generic/errno-base.h', '/usr/include/asm-generic/errno.h'];
const skip = [headerPath, ...errnoPaths].every(existsSync) ? false : 'the headers of Linux are not installed here';

describe('the numbers of the protocol are those of linux/fuse.h', { skip }, () => {
  const header = skip === false ? readFileSync(headerPath, 'utf8') : '';
  const groups: [prefix: string, values: Record<string, number>, shift: number][] = [
    ['FUSE_', opcodes, 0],
    ['FUSE_', initFlags, 0],
    ['FUSE_', initFlags2, 32],
    ['FATTR_', attributeBits, 0],
    ['FOPEN_', openBits, 0],
    ['FUSE_NOTIFY_', notifyCodes, 0],
  ];
  // Younger than some headers; the values are those of Linux 6.9 and 6.12.
  const young: Record<string, number> = {
    FUSE_PASSTHROUGH: 2 ** 5,
    FUSE_DIRECT_IO_ALLOW_MMAP: 2 ** 4,
    FOPEN_PASSTHROUGH: 2 ** 7,
  };

  for (const [prefix, values, shift] of groups) {
    for (const [name, value] of Object.entries(values)) {
      it(`${prefix}${name}`, () => {
        const found = numberIn(header, `${prefix}${name}`) ?? (young[`${prefix}${name}`] ?? Number.NaN) * 2 ** shift;
        assert.equal(value * 2 ** shift, found);
      });
    }
  }
});

describe('the errors are those of asm-generic/errno.h', { skip }, () => {
  const header = skip === false ? errnoPaths.map((path) => readFileSync(path, 'utf8')).join('\n') : '';
  const aliases: Record<string, string> = { ENOTSUP: 'EOPNOTSUPP' };
  for (const [name, value] of Object.entries(errnoNumbers)) {
    it(name, () => assert.equal(value, numberIn(header, aliases[name] ?? name)));
  }
});

/** The value of `#define NAME 1`, `#define NAME (1 << 2)`, `#define NAME (1ULL << 2)` or of an enum's `NAME = 1`. */
function numberIn(header: string, name: string): number | undefined {
  const shifted = header.match(new RegExp(`#define\\s+${name}\\s+\\(1(?:ULL)? << (\\d+)\\)`));
  if (shifted !== null) return 2 ** Number(shifted[1]);
  const plain = header.match(new RegExp(`(?:#define\\s+${name}\\s+|\\s${name}\\s*=\\s*)(\\d+)`));
  return plain === null ? undefined : Number(plain[1]);
}

describe('Errno', () => {
  it('is made once a name', () => {
    assert.equal(Errno.of('ENOENT'), Errno.of('ENOENT'));
    assert.deepEqual([Errno.of('ENOENT').code, Errno.of('ENOENT').number], ['ENOENT', 2]);
  });
});
