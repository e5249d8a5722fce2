import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeFuseDevice } from '../../test/fakes/fake-fuse-device.ts';
import { annotated, initArguments, received, replyParts, requestMessage } from '../../test/fakes/fuse-bytes.ts';
import { recordingFileSystem } from '../../test/fakes/recording-file-system.ts';
import { opcodes } from './abi.ts';
import { Errno } from './errno.ts';
import type { FileSystem, Request } from './file-system.ts';
import { Session } from './session.ts';

interface Setup {
  readonly session: Session;
  readonly device: FakeFuseDevice;
  readonly errors: unknown[];
  readonly send: (opcode: number, argumentBytes: Buffer, unique?: number) => void;
}

function begin(extra: Partial<FileSystem>, answer: (method: string, request: Request) => unknown = () => 0): Setup {
  const device = new FakeFuseDevice();
  const errors: unknown[] = [];
  const { fileSystem } = recordingFileSystem(answer, extra);
  const session = new Session(fileSystem, device, { onError: (error) => errors.push(error) });
  const send = (opcode: number, argumentBytes: Buffer, unique = 7): void => {
    const message = requestMessage(opcode, 5, argumentBytes, unique);
    session.receive(received(message), message.length);
  };
  send(opcodes.INIT, initArguments, 1);
  device.sent.length = 0;
  return { session, device, errors, send };
}

/** struct fuse_read_in: handle 3, offset 2^32, a size. */
function readArguments(size: number): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.writeUInt32LE(3, 0);
  bytes.writeUInt32LE(1, 12);
  bytes.writeUInt32LE(size, 16);
  return bytes;
}

function interruptArguments(unique: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(unique, 0);
  return bytes;
}

const settled = (): Promise<unknown> => new Promise(setImmediate);

describe('FUSE_READ', () => {
  it('sends what the file system put in place, and no more', () => {
    let parameters: unknown[] = [];
    const { device, send } = begin({
      read: (node, handle, offset, into) => {
        parameters = [node, handle, offset, into.length];
        into.set(Buffer.from('abc'));
        return 3;
      },
    });
    send(opcodes.READ, readArguments(4096));
    assert.deepEqual(parameters, [5, 3, 2 ** 32, 4096]);
    assert.equal(replyParts(device.sent[0] as Buffer).payload.toString(), 'abc');
  });

  for (const size of [0, 5, 16_384, 2 ** 20]) {
    it(`sends ${size} bytes that come later`, async () => {
      const data = Buffer.alloc(size, 'x');
      const { device, send, errors } = begin({ read: () => Promise.resolve(data) });
      send(opcodes.READ, readArguments(2 ** 20));
      await settled();
      assert.ok(replyParts(device.sent[0] as Buffer).payload.equals(data));
      assert.deepEqual(errors, []);
    });
  }

  it('refuses more than was asked for, and numbers that are none', async () => {
    const answers = [5, -1, Number.NaN, Promise.resolve(Buffer.alloc(5)), Promise.resolve(Buffer.alloc(20_000))];
    for (const answer of answers) {
      const { device, send, errors } = begin({ read: () => answer });
      send(opcodes.READ, readArguments(4));
      await settled();
      assert.equal(replyParts(device.sent[0] as Buffer).error, -5);
      assert.ok(errors[0] instanceof RangeError);
    }
  });

  it('refuses a size that no reply holds, and finds no file longer than 2^53', () => {
    const { device, send } = begin({ read: () => assert.fail('called') });
    send(opcodes.READ, readArguments(2 ** 31));
    const far = readArguments(4096);
    far.writeUInt32LE(0x7fff_ffff, 12);
    send(opcodes.READ, far);
    assert.equal(replyParts(device.sent[0] as Buffer).error, -22);
    assert.deepEqual(replyParts(device.sent[1] as Buffer), { unique: 7, error: 0, payload: Buffer.alloc(0) });
  });
});

describe('extended attributes', () => {
  const ask = (opcode: number, size: number, name: string): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(size, 0);
    return Buffer.concat([head, Buffer.from(opcode === opcodes.GETXATTR ? name : '')]);
  };
  for (const [opcode, answer, length] of [
    [opcodes.GETXATTR, Buffer.from('value'), 5],
    [opcodes.LISTXATTR, ['user.a', 'user.b'], 14],
  ] as const) {
    it(`opcode ${opcode}: a size of 0 asks for the length, a smaller one is ERANGE`, async () => {
      for (const value of [answer, Promise.resolve(answer)]) {
        const { device, send } = begin({}, () => value);
        for (const [at, size] of [0, length - 1, length, length + 1].entries())
          send(opcode, ask(opcode, size, 'user.a\0'), 2 * at + 2);
        await settled();
        const replies = device.sent.map(replyParts);
        assert.deepEqual(replies[0]?.payload, annotated(`0${length.toString(16)}000000 00000000`));
        assert.equal(replies[1]?.error, -34);
        assert.equal(replies[2]?.payload.length, length);
        assert.equal(replies[3]?.payload.length, length);
      }
    });
  }
});

describe('a request that waits', () => {
  it('lets others pass, keeps its Request, and is interrupted alone', async () => {
    const waiting: Request[] = [];
    const { device, send } = begin({}, (method, request) => {
      if (method !== 'flush') return undefined;
      waiting.push(request);
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason as Error));
      });
    });
    send(opcodes.FLUSH, Buffer.alloc(24), 8);
    send(opcodes.FLUSH, Buffer.alloc(24), 10);
    send(opcodes.FSYNC, Buffer.alloc(16), 12);
    assert.deepEqual(
      waiting.map((request) => request.unique),
      [8, 10],
    );
    assert.deepEqual(
      device.sent.map((sent) => replyParts(sent).unique),
      [12],
    );
    send(opcodes.INTERRUPT, interruptArguments(8), 0);
    await settled();
    assert.deepEqual(replyParts(device.sent[1] as Buffer), { unique: 8, error: -4, payload: Buffer.alloc(0) });
    assert.equal(device.sent.length, 2);
    assert.equal(waiting[1]?.signal.aborted, false);
  });

  it('finds its signal aborted when it looks late', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let reason: unknown;
    const { send } = begin({
      flush: async (_node, _handle, request) => {
        await promise;
        reason = request.signal.reason;
      },
    });
    send(opcodes.FLUSH, Buffer.alloc(24), 8);
    send(opcodes.INTERRUPT, interruptArguments(8), 0);
    resolve();
    await settled();
    assert.equal(reason, Errno.of('EINTR'));
  });

  it('one instance serves all that do not wait, and forgets an old signal', () => {
    const seen: Request[] = [];
    const signals: AbortSignal[] = [];
    const { send } = begin({}, (_, request) => {
      seen.push(request);
      signals.push(request.signal);
      return undefined;
    });
    send(opcodes.FLUSH, Buffer.alloc(24), 8);
    send(opcodes.FLUSH, Buffer.alloc(24), 10);
    assert.equal(seen[0], seen[1]);
    assert.notEqual(signals[0], signals[1]);
  });

  it('ignores the interruption of what was answered already', () => {
    const { device, send, errors } = begin({});
    send(opcodes.INTERRUPT, interruptArguments(99), 0);
    assert.deepEqual([device.sent, errors], [[], []]);
  });
});

describe('the end', () => {
  it('aborts what waits, tells the file system once, and sends nothing afterwards', async () => {
    let stops = 0;
    let signal: AbortSignal | undefined;
    const { promise, resolve } = Promise.withResolvers<number>();
    const { session, device, send } = begin({ stop: () => void stops++ }, (_, request) => {
      signal = request.signal;
      return promise;
    });
    send(opcodes.FLUSH, Buffer.alloc(24));
    await session.end();
    await session.end();
    device.close();
    resolve(0);
    await settled();
    send(opcodes.FLUSH, Buffer.alloc(24));
    assert.equal(stops, 1);
    assert.equal(signal?.reason, Errno.of('ENOTCONN'));
    assert.deepEqual(device.sent, []);
  });

  it('comes with DESTROY, which is answered', () => {
    let stops = 0;
    const { device, send } = begin({ stop: () => void stops++ });
    send(opcodes.DESTROY, Buffer.alloc(0));
    assert.equal(stops, 1);
    assert.equal(replyParts(device.sent[0] as Buffer).error, 0);
  });
});

describe('failures', () => {
  it('whatever else is thrown is reported and answered with EIO', async () => {
    const bug = new TypeError('a bug');
    for (const fail of [
      () => Promise.reject(bug),
      () => {
        throw bug;
      },
    ]) {
      const { device, send, errors } = begin({}, fail);
      send(opcodes.FLUSH, Buffer.alloc(24));
      await settled();
      assert.equal(replyParts(device.sent[0] as Buffer).error, -5);
      assert.deepEqual(errors, [bug]);
    }
  });

  it('an answer that cannot be encoded fails its request alone', async () => {
    for (const answer of [undefined, Promise.resolve(undefined)]) {
      const { device, send, errors } = begin({}, () => answer);
      send(opcodes.OPEN, Buffer.alloc(8));
      await settled();
      assert.equal(replyParts(device.sent[0] as Buffer).error, -5);
      assert.ok(errors[0] instanceof TypeError);
    }
  });

  it('a reply to a request that is gone is no failure; any other refusal is reported', () => {
    const { device, send, errors } = begin({});
    for (const failure of [-2, -19, -107]) {
      device.failure = failure;
      send(opcodes.FLUSH, Buffer.alloc(24));
    }
    assert.deepEqual(errors, []);
    device.failure = -22;
    send(opcodes.FLUSH, Buffer.alloc(24));
    assert.equal(errors.length, 1);
  });

  it('a message without a whole header is reported and not answered', () => {
    const { session, device, errors } = begin({});
    for (const length of [0, 15, 39]) session.receive(received(Buffer.alloc(40)), length);
    assert.equal(errors.length, 3);
    assert.deepEqual(device.sent, []);
  });

  it('RENAME_WHITEOUT, and sizes and offsets beyond 2^53, are refused', () => {
    const { device, send } = begin({}, () => assert.fail('called'));
    send(opcodes.RENAME2, annotated('0600000000000000 04000000 00000000 "a" 00 "b" 00'));
    send(opcodes.WRITE, annotated(`0000000000000000 ffffffffffffff7f 01000000 ${'00000000'.repeat(5)} "x"`));
    send(opcodes.SETATTR, annotated(`08000000 ${'00'.repeat(12)} 0000000000000001 ${'00'.repeat(64)}`));
    send(opcodes.LSEEK, annotated('0300000000000000 ffffffffffffffff 03000000 00000000'));
    assert.deepEqual(
      device.sent.map((sent) => replyParts(sent).error),
      [-22, -27, -27, -6],
    );
  });
});
