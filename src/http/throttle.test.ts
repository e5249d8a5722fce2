import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { httpServer } from '../../test/fakes/http/loopback-server.ts';
import { bytesSource } from '../store/source.ts';
import type { Clock } from './clock.ts';
import { HttpClient } from './http-client.ts';
import { Throttle } from './throttle.ts';
import { rateAt } from './timetable.ts';
import { Traffic } from './traffic.ts';

const limit = { timeout: 30_000 };
const kibibyte = 1 << 10;

/** A clock that goes on whenever everybody waits for it. */
class WaitingClock implements Clock {
  #now = 0;
  #timers: { at: number; work: () => void }[] = [];
  #isSet = false;

  now(): number {
    return this.#now;
  }

  after(delay: number, work: () => void): () => void {
    const timer = { at: this.#now + delay, work };
    this.#timers.push(timer);
    this.#goOn();
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  #goOn(): void {
    if (this.#isSet) return;
    this.#isSet = true;
    setImmediate(() => {
      this.#isSet = false;
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) return;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.work();
      if (this.#timers.length > 0) this.#goOn();
    });
  }
}

describe('a throttle', () => {
  it('without a limit keeps nobody', () => {
    const throttle = new Throttle(() => Infinity);
    for (let i = 0; i < 1000; i++) assert.equal(throttle.pass(1 << 30), undefined);
    assert.equal(throttle.pieceBytes, Infinity);
  });

  it('lets bytes pass at its rate, in the order in which they ask', limit, async () => {
    const clock = new WaitingClock();
    const throttle = new Throttle(() => 100 * kibibyte, clock);
    const order: number[] = [];
    const passing = Array.from({ length: 50 }, async (_, i) => {
      await throttle.pass(10 * kibibyte);
      order.push(i);
    });
    await Promise.all(passing);
    assert.deepEqual(order, [...order.keys()]);
    // The last piece has passed when those before it are paid for.
    assert.ok(Math.abs(clock.now() - 4900) <= 50, `${clock.now()} ms`);
  });

  it('follows a rate that changes while somebody waits', limit, async () => {
    const clock = new WaitingClock();
    const throttle = new Throttle(() => (clock.now() < 3000 ? 1 : Infinity), clock);
    await throttle.pass(1 << 20);
    await throttle.pass(1 << 20);
    assert.ok(clock.now() >= 3000 && clock.now() < 5000, `${clock.now()} ms`);
    await throttle.pass(1 << 20);
    assert.ok(clock.now() < 5000);
  });

  it('somebody who gives up ends at once, and holds up nobody', limit, async () => {
    const clock = new WaitingClock();
    const throttle = new Throttle(() => 1000, clock);
    await throttle.pass(1000);
    const abort = new AbortController();
    const given = throttle.pass(1_000_000, abort.signal);
    const next = throttle.pass(1000);
    abort.abort(new Error('enough'));
    await assert.rejects(Promise.resolve(given), /enough/);
    await next;
    assert.ok(clock.now() <= 1100, `${clock.now()} ms`);
  });

  it('pieces are small where the rate is', () => {
    assert.equal(new Throttle(() => 80 * kibibyte).pieceBytes, 10 * kibibyte);
    assert.equal(new Throttle(() => 1).pieceBytes, 4 * kibibyte);
  });
});

describe('requests of a client with limits', () => {
  it('send and receive at their rates, all together, large and small', limit, async (t) => {
    const [up, down] = [new WaitingClock(), new WaitingClock()];
    const traffic = new Traffic({
      upload: new Throttle(() => 100 * kibibyte, up),
      download: new Throttle(() => 50 * kibibyte, down),
    });
    const client = new HttpClient({ traffic });
    t.after(() => client.close());
    await using server = await httpServer((request, response) => {
      request.resume().on('end', () => response.end(Buffer.alloc(100 * kibibyte)));
    });
    const { origin } = server;
    const put = { operation: 'Put', method: 'PUT', origin, path: '/' } as const;
    const sizes = [300 * kibibyte, 200 * kibibyte, 10 * kibibyte];
    const bytes = await Promise.all(
      sizes.map(async (size, i) => {
        const body = i === 2 ? Buffer.alloc(size) : bytesSource(Buffer.alloc(size));
        return (await (await client.send({ ...put, body })).body.bytes()).length;
      }),
    );
    assert.deepEqual(
      bytes,
      sizes.map(() => 100 * kibibyte),
    );
    assert.ok(Math.abs(up.now() - 5100) < 400, `${up.now()} ms to send 510 KiB`);
    assert.ok(Math.abs(down.now() - 6000) < 1500, `${down.now()} ms to receive 300 KiB`);
  });
});

describe('a timetable', () => {
  it('knows its rate at any minute of the week', () => {
    const timetable = [
      { minute: 8 * 60, rate: 1 },
      { minute: (24 + 8) * 60, rate: 2 },
      { minute: (6 * 24 + 23) * 60, rate: 3 },
    ];
    // 1 November 2026 is a Sunday.
    const at = (day: number, hours: number, minutes = 0): number =>
      rateAt(timetable, new Date(2026, 10, day, hours, minutes, 59));
    assert.equal(at(1, 7, 59), 3, 'the last one of the week before');
    assert.equal(at(1, 8), 1);
    assert.equal(at(2, 7, 59), 1);
    assert.equal(at(2, 8), 2);
    assert.equal(at(7, 22, 59), 2);
    assert.equal(at(7, 23), 3);
    assert.equal(rateAt([], new Date()), Infinity);
  });
});
