import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { UnneededContents } from './unneeded-contents.ts';

/** A disk that takes what was committed when it is let. */
function slowDisk(): { disk: { makeDurable(): Promise<void>; makeDurableNow(): void }; waiting: (() => void)[] } {
  const waiting: (() => void)[] = [];
  const makeDurable = (): Promise<void> => new Promise((resolve) => void waiting.push(resolve));
  return { disk: { makeDurable, makeDurableNow: () => undefined }, waiting };
}

async function hasCome(all: readonly unknown[], times: number): Promise<void> {
  while (all.length < times) await setTimeout(5);
}

it('a content that is sent again while the disk hears of the first time is waited for once more', {
  timeout: 10_000,
}, async () => {
  const { disk, waiting } = slowDisk();
  const durable: true[] = [];
  const contents = { recycle: () => undefined, remove: () => undefined };
  const unneeded = new UnneededContents({ tree: disk, contents, onDurable: () => void durable.push(true) });
  unneeded.sent(1);
  unneeded.sent(2);
  unneeded.hurry();
  await hasCome(waiting, 1);
  unneeded.sent(2);
  unneeded.hurry();
  waiting[0]?.();
  await hasCome(waiting, 2);
  assert.deepEqual([unneeded.wasJustSent(1), unneeded.wasJustSent(2), durable.length], [false, true, 1]);
  waiting[1]?.();
  await hasCome(durable, 2);
  assert.equal(unneeded.wasJustSent(2), false);
});
