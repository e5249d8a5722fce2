import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeFuseDevice } from '../../test/fakes/fake-fuse-device.ts';
import { annotated, initArguments, received, replyParts, requestMessage } from '../../test/fakes/fuse-bytes.ts';
import { attributes, entry } from '../../test/fakes/fuse-exchanges.ts';
import { recordingFileSystem } from '../../test/fakes/recording-file-system.ts';
import { opcodes } from './abi.ts';
import { Errno } from './errno.ts';
import type { DirectoryListing, FileSystem } from './file-system.ts';
import { Session } from './session.ts';

type Readdir = FileSystem['readdir'];

/** The reply to one READDIR or READDIRPLUS of `size` bytes. */
function list(opcode: number, size: number, readdir: Readdir): { error: number; payload: Buffer; errors: unknown[] } {
  const device = new FakeFuseDevice();
  const errors: unknown[] = [];
  const { fileSystem } = recordingFileSystem(() => 0, { readdir });
  const session = new Session(fileSystem, device, { onError: (error) => errors.push(error) });
  const bytes = Buffer.alloc(40);
  bytes.writeUInt32LE(3, 0);
  bytes.writeUInt32LE(2, 8);
  bytes.writeUInt32LE(size, 16);
  for (const message of [requestMessage(opcodes.INIT, 0, initArguments), requestMessage(opcode, 5, bytes)])
    session.receive(received(message), message.length);
  const { error, payload } = replyParts(device.sent[1] as Buffer);
  return { error, payload, errors };
}

describe('FUSE_READDIR', () => {
  it('lists struct fuse_dirent, each padded to 8 bytes', () => {
    let asked: unknown[] = [];
    const { payload } = list(opcodes.READDIR, 4096, (node, handle, offset, listing) => {
      asked = [node, handle, offset, listing.plus];
      assert.ok(listing.add('.', 5, true, 1));
      assert.ok(listing.add('ü-datei!', 2 ** 33, false, 2 ** 34));
    });
    assert.deepEqual(asked, [5, 3, 2, false]);
    assert.deepEqual(
      payload,
      annotated(`
        0500000000000000 0100000000000000 01000000 04000000 "." 00000000000000  // ino, off, namelen, DT_DIR
        0000000002000000 0000000004000000 09000000 08000000 c3bc "-datei!" 00000000000000  // DT_REG
      `),
    );
  });

  it('ends where no room is left, to the byte', () => {
    const results = (size: number): boolean[] => {
      const added: boolean[] = [];
      const { payload } = list(opcodes.READDIR, size, (_n, _h, _o, listing) => {
        for (const name of ['12345678', 'üüüü', 'a']) added.push(listing.add(name, 1, false, 1));
      });
      assert.equal(payload.length, added.filter(Boolean).length * 32);
      return added;
    };
    assert.deepEqual(results(96), [true, true, true]);
    assert.deepEqual(results(95), [true, true, false]);
    assert.deepEqual(results(64), [true, true, false]);
    assert.deepEqual(results(31), [false, false, false]);
    assert.deepEqual(results(0), [false, false, false]);
  });

  it('takes no more than a reply holds, whatever the kernel asks for', () => {
    const { payload } = list(opcodes.READDIR, 2 ** 32 - 1, (_n, _h, _o, listing) => fill(listing));
    assert.ok(payload.length <= 2 ** 20 + 4096);
  });

  it('refuses what is no name, which would make the kernel refuse the whole listing', () => {
    for (const name of ['', 'a/b', 'x'.repeat(1025)]) {
      const { error, errors } = list(
        opcodes.READDIR,
        8192,
        (_n, _h, _o, listing) => void listing.add(name, 1, false, 1),
      );
      assert.equal(error, -5);
      assert.equal(errors.length, 1);
    }
  });

  it('sends the entries before a failure, whose turn comes next', () => {
    const fail = (names: string[]): Readdir => {
      return (_n, _h, _o, listing) => {
        for (const name of names) listing.add(name, 1, false, 1);
        throw Errno.of('EACCES');
      };
    };
    assert.equal(list(opcodes.READDIR, 4096, fail(['a'])).payload.length, 32);
    assert.equal(list(opcodes.READDIR, 4096, fail([])).error, -13);
  });
});

describe('FUSE_READDIRPLUS', () => {
  it('puts struct fuse_entry_out before each, empty where none is given', () => {
    const { payload } = list(opcodes.READDIRPLUS, 4096, (_n, _h, _o, listing) => {
      assert.equal(listing.plus, true);
      listing.add('..', 5, true, 1);
      const link = { ...entry, attributes: { ...attributes, mode: 0o120777 } };
      listing.add('link', 9, false, 2, link);
      listing.add('gone', 9, false, 3, { node: 0, entryTimeout: 0 });
    });
    const each = 128 + 32;
    assert.equal(payload.length, 3 * each);
    assert.deepEqual(payload.subarray(0, 128), Buffer.alloc(128));
    assert.equal(payload.readBigUInt64LE(each), 9n);
    assert.equal(payload.readUInt32LE(each + 100), 0o120777);
    // d_type: DT_DIR, DT_LNK (from the mode), DT_REG.
    assert.deepEqual(
      [0, 1, 2].map((at) => payload.readUInt32LE(at * each + 128 + 20)),
      [4, 10, 8],
    );
    assert.equal(payload.toString('latin1', each + 128 + 24, each + 128 + 28), 'link');
  });

  it('needs room for the whole', () => {
    for (const [size, fits] of [
      [160, 160],
      [159, 0],
      [127, 0],
    ] as const) {
      const { payload } = list(opcodes.READDIRPLUS, size, (_n, _h, _o, listing) => {
        listing.add('a', 9, false, 1, entry);
      });
      assert.equal(payload.length, fits);
    }
  });
});

function fill(listing: DirectoryListing): void {
  let next = 1;
  while (listing.add('x'.repeat(255), next, false, next)) next++;
}

describe('a listing that is answered later', () => {
  it('is written when its names are there, whatever else was answered meanwhile', async () => {
    const device = new FakeFuseDevice();
    const steps = [Promise.withResolvers<() => void>(), Promise.withResolvers<() => void>()];
    const listings: DirectoryListing[] = [];
    const readdir: Readdir = (_n, _h, _o, listing) => {
      listings.push(listing);
      return steps[listings.length - 1]?.promise;
    };
    const { fileSystem } = recordingFileSystem(() => 0, { readdir });
    const session = new Session(fileSystem, device);
    const ask = (message: Buffer): void => session.receive(received(message), message.length);
    ask(requestMessage(opcodes.INIT, 0, initArguments));
    const read = Buffer.alloc(40);
    read.writeUInt32LE(4096, 16);
    ask(requestMessage(opcodes.READDIRPLUS, 5, read, 100));
    ask(requestMessage(opcodes.READDIR, 5, read, 101));
    assert.equal(device.sent.length, 1, 'both wait');
    steps[1]?.resolve(() => void listings[1]?.add('plain', 9, false, 1));
    steps[0]?.resolve(() => void listings[0]?.add('full', 9, false, 1, entry));
    await new Promise(setImmediate);
    const replies = device.sent.slice(1).map((message) => replyParts(message));
    assert.deepEqual(
      replies.map(({ unique, error, payload }) => [unique, error, payload.length]),
      [
        [101, 0, 32],
        [100, 0, 128 + 32],
      ],
    );
  });

  it('fails where nothing came, and arrives where something did', async () => {
    const fails = (): never => {
      throw Errno.of('EACCES');
    };
    const later = async (step: (listing: DirectoryListing) => void): Promise<{ error: number; length: number }> => {
      const device = new FakeFuseDevice();
      const { fileSystem } = recordingFileSystem(() => 0, {
        readdir: (_n: number, _h: number, _o: number, listing: DirectoryListing) =>
          Promise.resolve(() => step(listing)),
      });
      const session = new Session(fileSystem, device);
      const read = Buffer.alloc(40);
      read.writeUInt32LE(4096, 16);
      for (const message of [requestMessage(opcodes.INIT, 0, initArguments), requestMessage(opcodes.READDIR, 5, read)])
        session.receive(received(message), message.length);
      await new Promise(setImmediate);
      const { error, payload } = replyParts(device.sent[1] as Buffer);
      return { error, length: payload.length };
    };
    assert.deepEqual(await later(fails), { error: -13, length: 0 });
    const half = (listing: DirectoryListing): void => {
      listing.add('a', 1, false, 1);
      fails();
    };
    assert.deepEqual(await later(half), { error: 0, length: 32 });
  });
});
