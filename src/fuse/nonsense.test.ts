import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { it } from 'node:test';
import { FakeFuseDevice } from '../../test/fakes/fake-fuse-device.ts';
import { initArguments, received, replyParts, requestMessage } from '../../test/fakes/fuse-bytes.ts';
import { wireExchanges } from '../../test/fakes/fuse-exchanges.ts';
import { recordingFileSystem } from '../../test/fakes/recording-file-system.ts';
import { opcodes } from './abi.ts';
import { isAnswered } from './dispatch.ts';
import { Session } from './session.ts';

/** Numbers from 0 up to `limit` without it, always the same for one seed (mulberry32). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

it('whatever arrives, each request gets its one reply or none, and the next is served', async (test) => {
  const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
  test.diagnostic(`SEED=${seed}`);
  const random = randomNumbers(seed);
  const answers = new Map(wireExchanges.map(({ method, answer }) => [method, answer]));
  const { fileSystem } = recordingFileSystem((method) => {
    const answer = answers.get(method);
    return random(4) === 0 ? Promise.resolve(answer) : answer;
  });
  const device = new FakeFuseDevice();
  const session = new Session(fileSystem, device, { onError: () => undefined });
  const init = requestMessage(opcodes.INIT, 0, initArguments);
  session.receive(received(init), init.length);

  for (let round = 0; round < 3000; round++) {
    device.sent.length = 0;
    const sample = wireExchanges[random(wireExchanges.length)]?.request as Buffer;
    const argumentBytes = Buffer.concat([sample, Buffer.alloc(random(16), random(256))]);
    for (let flips = random(6); flips > 0 && argumentBytes.length > 0; flips--)
      argumentBytes[random(argumentBytes.length)] = random(256);
    const opcode = random(64);
    if (opcode === opcodes.DESTROY) continue;
    const message = requestMessage(opcode, random(2 ** 31), argumentBytes, round + 1);
    if (random(10) === 0) message[random(40)] = random(256);
    const read = message.readUInt32LE(4);
    if (read === opcodes.DESTROY) continue;
    session.receive(received(message), message.length);
    await new Promise(setImmediate);
    const unique = Number(message.readBigUInt64LE(8));
    assert.deepEqual(
      device.sent.map((sent) => replyParts(sent).unique),
      isAnswered(read) ? [unique] : [],
      `SEED=${seed}, round ${round}, opcode ${read}`,
    );
  }
});
