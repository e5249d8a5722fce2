import assert from 'node:assert/strict';
import { opcodes } from '../../../src/fuse/abi.ts';
import { isAnswered } from '../../../src/fuse/dispatch.ts';
import { Session } from '../../../src/fuse/session.ts';
import { FakeFuseDevice } from '../../fakes/fake-fuse-device.ts';
import { initArguments, received, replyParts, requestMessage } from '../../fakes/fuse-bytes.ts';
import { wireExchanges } from '../../fakes/fuse-exchanges.ts';
import { recordingFileSystem } from '../../fakes/recording-file-system.ts';
import { type FuzzTarget, plainTarget } from '../fuzz-target.ts';
import { below, mutated, oneOf } from '../mutation.ts';

const samples: readonly Buffer[] = wireExchanges.map(({ request }) => Buffer.from(request));
const answers = new Map(wireExchanges.map(({ method, answer }) => [method, answer]));
const headerBytes = 40;

/** Requests of the kernel: each has its one reply or none, and the next is served. */
export const fuseTarget: FuzzTarget = plainTarget({
  name: 'fuse requests',
  share: 1,
  make(random) {
    const argumentBytes = mutated(random, oneOf(random, samples), samples);
    const message = requestMessage(
      below(random, 64),
      below(random, 2 ** 31),
      argumentBytes,
      1 + below(random, 2 ** 31),
    );
    return random() < 0.1 ? mutated(random, message) : message;
  },
  async take(input) {
    // The kernel tells the length of each request; what is shorter than a header is none.
    if (input.length < headerBytes || input.length > 1 << 16) return;
    const opcode = input.readUInt32LE(4);
    if (opcode === opcodes.DESTROY || opcode === opcodes.INIT) return;
    const { fileSystem } = recordingFileSystem((method) => answers.get(method));
    const device = new FakeFuseDevice();
    const session = new Session(fileSystem, device, { onError: () => undefined });
    const init = requestMessage(opcodes.INIT, 0, initArguments);
    session.receive(received(init), init.length);
    device.sent.length = 0;
    session.receive(received(input), input.length);
    const last = requestMessage(opcodes.GETATTR, 1, Buffer.alloc(16), 99);
    session.receive(received(last), last.length);
    await new Promise(setImmediate);
    const unique = Number(input.readBigUInt64LE(8));
    const expected = isAnswered(opcode) ? [unique, 99] : [99];
    assert.deepEqual(
      device.sent.map((sent) => replyParts(sent).unique),
      expected,
    );
  },
});
