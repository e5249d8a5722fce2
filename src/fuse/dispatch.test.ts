import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeFuseDevice } from '../../test/fakes/fake-fuse-device.ts';
import { annotated, asker, initArguments, received, replyParts, requestMessage } from '../../test/fakes/fuse-bytes.ts';
import { type WireExchange, wireExchanges } from '../../test/fakes/fuse-exchanges.ts';
import { recordingFileSystem } from '../../test/fakes/recording-file-system.ts';
import { opcodes } from './abi.ts';
import { Errno } from './errno.ts';
import type { FileSystem } from './file-system.ts';
import { Session } from './session.ts';

/** struct fuse_read_in of 256 bytes. */
const readArguments = annotated(`0300000000000000 0000000000000000 00010000 ${'00'.repeat(20)}`);

const EIO = -5;
const ENOSYS = -38;

interface Setup {
  readonly session: Session;
  readonly device: FakeFuseDevice;
  readonly errors: unknown[];
}

function begin(fileSystem: FileSystem): Setup {
  const device = new FakeFuseDevice();
  const errors: unknown[] = [];
  const session = new Session(fileSystem, device, { onError: (error) => errors.push(error) });
  send(session, requestMessage(opcodes.INIT, 0, initArguments, 1));
  device.sent.length = 0;
  return { session, device, errors };
}

function send(session: Session, message: Buffer): void {
  session.receive(received(message), message.length);
}

function check(exchange: WireExchange, device: FakeFuseDevice): void {
  if (exchange.reply === undefined) return assert.equal(device.sent.length, 0);
  assert.equal(device.sent.length, 1);
  const { unique, error, payload } = replyParts(device.sent[0] as Buffer);
  assert.equal(unique, 7);
  assert.equal(error, 0);
  assert.equal(payload.toString('hex'), exchange.reply.toString('hex'));
}

for (const exchange of wireExchanges) {
  const { name, opcode, request, method, call, answer, reply } = exchange;
  const message = requestMessage(opcode, 5, request);

  describe(`FUSE_${name}`, () => {
    it('becomes a call, whose answer becomes the reply', () => {
      let who: unknown;
      const { fileSystem, calls } = recordingFileSystem((_, { uid, gid, pid, unique }) => {
        who = { uid, gid, pid, unique };
        return answer;
      });
      const { session, device, errors } = begin(fileSystem);
      send(session, message);
      assert.deepEqual(calls, [{ method, parameters: call }]);
      if (reply !== undefined) assert.deepEqual(who, { ...asker, unique: 7 });
      check(exchange, device);
      assert.deepEqual(errors, []);
    });

    if (reply !== undefined) {
      it('is answered the same by a promise', async () => {
        const { promise, resolve } = Promise.withResolvers<unknown>();
        const { fileSystem } = recordingFileSystem((called) => (called === method ? promise : answer));
        const { session, device, errors } = begin(fileSystem);
        send(session, message);
        assert.equal(device.sent.length, 0);
        // Another request uses the reply buffer meanwhile.
        send(session, requestMessage(opcodes.READ, 5, readArguments, 9));
        device.sent.length = 0;
        resolve(answer);
        await new Promise(setImmediate);
        check(exchange, device);
        assert.deepEqual(errors, []);
      });

      it('carries an error, thrown or rejected', async () => {
        for (const fail of [
          () => {
            throw Errno.of('ENOSPC');
          },
          () => Promise.reject(Errno.of('ENOSPC')),
        ]) {
          const { session, device, errors } = begin(recordingFileSystem(fail).fileSystem);
          send(session, message);
          await new Promise(setImmediate);
          assert.deepEqual(replyParts(device.sent[0] as Buffer), { unique: 7, error: -28, payload: Buffer.alloc(0) });
          assert.deepEqual(errors, []);
        }
      });
    }

    it('fails alone when it is cut short', () => {
      const { fileSystem, calls } = recordingFileSystem(() => answer);
      const { session, device, errors } = begin(fileSystem);
      for (let length = 0; length < request.length; length++) {
        device.sent.length = 0;
        errors.length = 0;
        send(session, requestMessage(opcode, 5, request.subarray(0, length)));
        if (reply === undefined) assert.equal(device.sent.length, 0);
        else assert.equal(replyParts(device.sent[0] as Buffer).error, EIO, `${length} bytes of ${request.length}`);
        assert.equal(errors.length, 1);
      }
      assert.deepEqual(calls, []);
      send(session, message);
      assert.equal(calls.length, 1);
    });

    it('fails alone when its length is not the one announced', () => {
      const { fileSystem, calls } = recordingFileSystem(() => answer);
      const { session, device, errors } = begin(fileSystem);
      session.receive(received(message), message.length + 1);
      session.receive(received(message), message.length + 8);
      assert.equal(errors.length, 2);
      assert.deepEqual(calls, []);
      const replies = device.sent.map((sent) => replyParts(sent).error);
      assert.deepEqual(replies, reply === undefined ? [] : [EIO, EIO]);
    });
  });
}

describe('requests that a file system need not know', () => {
  const required = new Set(['lookup', 'forget', 'getattr', 'open', 'release', 'opendir', 'releasedir', 'statfs']);
  for (const { name, opcode, request, method } of wireExchanges.filter((exchange) => !required.has(exchange.method))) {
    it(`${name} answers ENOSYS`, () => {
      const { fileSystem } = recordingFileSystem(() => undefined);
      const { session, device, errors } = begin({ ...fileSystem, [method]: undefined });
      send(session, requestMessage(opcode, 5, request));
      assert.equal(replyParts(device.sent[0] as Buffer).error, ENOSYS);
      assert.deepEqual(errors, []);
    });
  }

  it('unknown opcodes answer ENOSYS, whatever they carry', () => {
    const { session, device, errors } = begin(recordingFileSystem(() => undefined).fileSystem);
    // STATX of Linux 6.6, COPY_FILE_RANGE, one that is not there, and CUSE_INIT.
    for (const opcode of [52, 47, 7, 4096, 0xffff_ffff]) {
      device.sent.length = 0;
      send(session, requestMessage(opcode, 5, Buffer.alloc(64)));
      assert.equal(replyParts(device.sent[0] as Buffer).error, ENOSYS);
    }
    assert.deepEqual(errors, []);
  });
});
