import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { MemoryStore } from '../../src/providers/memory/memory-store.ts';
import { assertAllShow, assertNothingLost, assertNoPhantoms, assertReported } from './invariants.ts';
import { Machine } from './machine.ts';
import type { Scene } from './scene.ts';
import type { Script, Side, Step } from './step.ts';
import { User } from './user.ts';
import { VersionBook } from './version-book.ts';
import { VirtualTime } from './virtual-time.ts';

/** Close to midnight, so that conflict copies of two days meet. */
const beginning = Date.UTC(2026, 0, 31, 23, 59);
/** Turns of the event loop after which whatever goes on waits for the line or for time. */
const turnsOfStep = 6;
const roundsOfEnd = 4_000;

/** Two machines on one store: the same script always runs the same. */
export class Simulation implements Scene {
  readonly store: MemoryStore;
  readonly book: VersionBook = new VersionBook();
  readonly machines: Record<Side, Machine>;
  readonly trail: string[];
  readonly script: Script;
  readonly #time: VirtualTime;
  /** What a user met that the cache may not answer. */
  #failure: unknown;

  constructor(script: Script, trail: string[] = []) {
    this.script = script;
    this.trail = trail;
    this.#time = new VirtualTime(beginning);
    const { uploadDelay: _, metadataTime: __, ...capabilities } = script.settings;
    this.store = new MemoryStore(capabilities);
    const machine = (side: Side): Machine =>
      new Machine({ side, store: this.store, settings: script.settings, note: (text) => trail.push(text) });
    this.machines = { left: machine('left'), right: machine('right') };
  }

  /** Runs the script to its end and on until both machines are at rest. Rejects when an invariant does not hold. */
  async run(): Promise<void> {
    try {
      await this.#settle();
      for (const step of this.script.steps) {
        await this.#take(step);
        await this.#settle();
        await assertNothingLost(this);
      }
      await this.#comeToRest();
      await assertNothingLost(this);
      await assertNoPhantoms(this);
      await assertReported(this);
    } finally {
      for (const machine of Object.values(this.machines)) await machine.end();
      this.#time.end();
    }
  }

  async #take(step: Step): Promise<void> {
    if (step.do === 'wait') return this.#wait(step.milliseconds);
    const machine = this.machines[step.on];
    if ('path' in step) {
      if (machine.action === undefined) this.#begin(machine, step);
      return;
    }
    switch (step.do) {
      case 'pass':
        return machine.line.pass(step.call, step.fate);
      case 'restart':
        // Whoever stops in order waits for those who are at it.
        if (machine.action !== undefined) return;
        this.trail.push(JSON.stringify(step));
        return machine.restart();
      case 'kill':
        this.trail.push(JSON.stringify(step));
        return machine.kill(step.landing);
      case 'powerCut':
        this.trail.push(JSON.stringify(step));
        await this.#forgetUnsynced(machine);
        return machine.powerCut(step.landing);
      default:
        step satisfies never;
    }
  }

  #begin(machine: Machine, step: Extract<Step, { path: string }>): void {
    const text = `${step.on} ${step.do} ${step.path}${'to' in step ? ` ${step.to}` : ''}`;
    this.trail.push(text);
    const user = new User(machine, this.book);
    const action = this.#watch(user, step, text).finally(() => {
      if (machine.action === action) machine.action = undefined;
    });
    machine.action = action;
  }

  async #watch(user: User, step: Extract<Step, { path: string }>, text: string): Promise<void> {
    try {
      this.trail.push(`${text}: ${await user.act(step)}`);
    } catch (error) {
      if (user.isRunning) this.#failure ??= error;
    }
  }

  async #wait(milliseconds: number): Promise<void> {
    const until = this.#time.now + milliseconds;
    while (this.#time.nextAt <= until) {
      this.#time.advanceTo(this.#time.nextAt);
      await this.#settle();
    }
    this.#time.advanceTo(until);
  }

  /** Everybody does what he can without the line and without time. */
  async #settle(): Promise<void> {
    for (let i = 0; i < turnsOfStep; i++) {
      this.#time.advanceTo(this.#time.now);
      await turn();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** What was only here, and not on the disk, is lost with the power; that is promised no better. */
  async #forgetUnsynced(machine: Machine): Promise<void> {
    const stored = new Set<number>();
    for await (const entry of this.store.list('/', { recursive: true }))
      if (entry.kind === 'file') stored.add(entry.size);
    for (const number of machine.unsynced) if (!stored.has(number)) this.book.release(number);
  }

  /** From here on the line is good: until both have nothing to send, and have seen everything. */
  async #comeToRest(): Promise<void> {
    this.trail.push('coming to rest');
    for (let look = 0; look < 3; look++) {
      await this.#passAll(() => Object.values(this.machines).every(({ cache }) => cache.pending().length === 0));
      await this.#wait(200_000);
      for (const machine of Object.values(this.machines)) {
        const action = assertAllShow(this, machine, look === 2).finally(() => (machine.action = undefined));
        action.catch(() => undefined);
        machine.action = action;
        await this.#passAll(() => machine.action === undefined);
        await action;
      }
    }
    await this.#passAll(() => Object.values(this.machines).every(({ cache }) => cache.pending().length === 0));
  }

  async #passAll(isOver: () => boolean): Promise<void> {
    for (let round = 0; round < roundsOfEnd; round++) {
      await this.#settle();
      const lines = Object.values(this.machines).map(({ line }) => line);
      const line = lines.find(({ waiting }) => waiting.length > 0);
      if (line !== undefined) await line.pass(0, 'well');
      else if (isOver()) return;
      else if (this.#time.nextAt === Infinity) break;
      else this.#time.advanceTo(this.#time.nextAt);
    }
    const left = Object.values(this.machines).map(({ side, cache }) => [side, cache.pending()]);
    assert.fail(`they do not come to rest: ${JSON.stringify(left)}`);
  }
}
