import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeFuseDevice } from '../../test/fakes/fake-fuse-device.ts';
import { annotated, initArguments, received, replyParts, requestMessage } from '../../test/fakes/fuse-bytes.ts';
import { recordingFileSystem } from '../../test/fakes/recording-file-system.ts';
import { opcodes } from './abi.ts';
import type { Connection } from './file-system.ts';
import type { SessionOptions } from './init.ts';
import { Session } from './session.ts';

interface Started {
  readonly session: Session;
  readonly device: FakeFuseDevice;
  readonly connections: Connection[];
  readonly errors: unknown[];
}

function start(argumentBytes: Buffer, options: SessionOptions = {}): Started {
  const device = new FakeFuseDevice();
  const connections: Connection[] = [];
  const errors: unknown[] = [];
  const { fileSystem } = recordingFileSystem(() => undefined, {
    start: (connection) => void connections.push(connection),
  });
  const session = new Session(fileSystem, device, { onError: (error) => errors.push(error), ...options });
  const message = requestMessage(opcodes.INIT, 0, argumentBytes);
  session.receive(received(message), message.length);
  return { session, device, connections, errors };
}

describe('FUSE_INIT', () => {
  it('settles what both can do', async () => {
    const { session, device, connections } = start(initArguments);
    const { error, payload } = replyParts(device.sent[0] as Buffer);
    assert.equal(error, 0);
    assert.deepEqual(
      payload,
      annotated(`
        07000000 2d000000 00000200  // major, minor, max_readahead
        29e0e470  // flags: ASYNC_READ ATOMIC_O_TRUNC BIG_WRITES, DO_READDIRPLUS READDIRPLUS_AUTO ASYNC_DIO,
                  // PARALLEL_DIROPS ABORT_ERROR MAX_PAGES CACHE_SYMLINKS, HANDLE_KILLPRIV_V2
                  // SETXATTR_EXT INIT_EXT
        4000 3000 00001000 e8030000  // max_background, congestion_threshold, max_write 1 MiB, time_gran in ns
        0001 0000 38000000  // max_pages 256, map_alignment, flags2: HAS_EXPIRE_ONLY DIRECT_IO_ALLOW_MMAP PASSTHROUGH
        01000000  // max_stack_depth
        ${'00'.repeat(24)}
      `),
    );
    const { minor, maxWrite } = await session.ready;
    assert.deepEqual([minor, maxWrite], [45, 2 ** 20]);
    assert.equal(connections[0], await session.ready);
  });

  it('lends the kernel files to use in the place of ours, and takes them back', async () => {
    const { session, device, errors } = start(initArguments);
    const { backing } = await session.ready;
    assert.deepEqual([backing?.open(42), backing?.open(43)], [1, 2]);
    backing?.close(2);
    assert.deepEqual([device.lent, device.takenBack, errors], [[42, 43], [2], []]);
    device.failure = -1;
    assert.equal(backing?.open(44), -1);
    backing?.close(1);
    assert.match(String(errors), /errno 1/);
  });

  it('lends nothing once the kernel has gone, when the descriptor may belong to somebody else', async () => {
    const { session, device } = start(initArguments);
    const { backing } = await session.ready;
    await session.end();
    assert.equal(backing?.open(42), -107);
    backing?.close(1);
    assert.deepEqual([device.lent, device.takenBack], [[], []]);
  });

  it('asks for no passthrough where it is turned off, or the kernel has none', async () => {
    const noFlags2 = Buffer.from(initArguments);
    noFlags2.writeUInt32LE(0x18, 16);
    for (const started of [start(initArguments, { passthrough: false }), start(noFlags2)]) {
      const { payload } = replyParts(started.device.sent[0] as Buffer);
      assert.deepEqual([payload.readUInt32LE(32), payload.readUInt32LE(36)], [0x18, 0]);
      assert.equal((await started.session.ready).backing, undefined);
    }
  });

  it('asks an old kernel for no more than it has: 7.31, with 16 bytes of arguments', async () => {
    const { session, device } = start(annotated('07000000 1f000000 00000200 ffffff0f  // up to bit 27'));
    const { payload } = replyParts(device.sent[0] as Buffer);
    assert.deepEqual(payload.subarray(12, 16), annotated('29e0e400'));
    assert.equal(payload.readUInt32LE(32), 0);
    assert.equal((await session.ready).minor, 31);
  });

  it('a newer major is told ours, and asks again', async () => {
    const { session, device, connections } = start(annotated(`08000000 00000000 ${'00'.repeat(8)}`));
    const { error, payload } = replyParts(device.sent[0] as Buffer);
    assert.deepEqual([error, payload.subarray(0, 8)], [0, annotated('07000000 2d000000')]);
    assert.deepEqual(connections, []);
    const again = requestMessage(opcodes.INIT, 0, initArguments);
    session.receive(received(again), again.length);
    assert.equal((await session.ready).minor, 45);
  });

  it('a kernel older than 5.4 is refused, and says so', async () => {
    for (const version of ['07000000 1e000000', '06000000 63000000']) {
      const { session, device, connections } = start(annotated(`${version} ${'00'.repeat(8)}`));
      assert.equal(replyParts(device.sent[0] as Buffer).error, -71);
      await assert.rejects(session.ready, /Linux 5\.4/);
      assert.deepEqual(connections, []);
    }
  });

  it('comes first, once and whole', async () => {
    const { session, device, errors } = start(initArguments.subarray(0, 12));
    for (const message of [
      requestMessage(opcodes.STATFS, 1, Buffer.alloc(0)),
      requestMessage(opcodes.INIT, 0, initArguments),
      requestMessage(opcodes.INIT, 0, initArguments),
    ])
      session.receive(received(message), message.length);
    assert.deepEqual(
      device.sent.map((sent) => replyParts(sent).error),
      [-5, -5, 0, -5],
    );
    assert.equal(errors.length, 3);
    await session.ready;
  });

  it('keeps to smaller limits', () => {
    const { device } = start(initArguments, { maxWrite: 131_072, maxReadAhead: 65_536, maxBackground: 8 });
    const { payload } = replyParts(device.sent[0] as Buffer);
    assert.equal(payload.readUInt32LE(8), 65_536);
    assert.deepEqual([payload.readUInt16LE(16), payload.readUInt16LE(18)], [8, 6]);
    assert.equal(payload.readUInt32LE(20), 131_072);
    assert.equal(payload.readUInt16LE(28), 32);
  });

  it('refuses limits that the protocol does not have', () => {
    for (const maxWrite of [0, 1000, 4097, 2 ** 21, Number.NaN])
      assert.throws(() => start(initArguments, { maxWrite }), RangeError);
  });

  it('a file system that cannot start ends the mount before it begins', async () => {
    const { fileSystem } = recordingFileSystem(() => undefined, {
      start: () => {
        throw new Error('no');
      },
    });
    const session = new Session(fileSystem, new FakeFuseDevice(), { onError: () => undefined });
    const message = requestMessage(opcodes.INIT, 0, initArguments);
    session.receive(received(message), message.length);
    await assert.rejects(session.ready, /^Error: no$/);
  });

  it('that never comes rejects when the session ends', async () => {
    const { session } = start(Buffer.alloc(0));
    await session.end();
    await assert.rejects(session.ready, /before it was ready/);
  });
});
