import type { Capabilities, Store } from '../store/store.ts';
import { allCases } from './cases/all-cases.ts';
import type { StoreCase } from './store-case.ts';
import { Trial } from './trial.ts';

const defaultTimeout = 120_000;

/** `describe` and `it` of any test runner: node:test, vitest, mocha, jest. */
export interface ConformanceRunner {
  describe(name: string, body: () => void): unknown;
  readonly it: ConformanceTest;
}

/** Registers a test. `skip`, where the runner has it, registers one that is reported as skipped. */
export interface ConformanceTest {
  (name: string, body: (...context: unknown[]) => Promise<void>): unknown;
  skip?(name: string, body: () => void): unknown;
}

/** A case that a store does not pass, and why that is so. */
export interface SkippedCase {
  /** The name of the case. */
  readonly test: string;
  readonly reason: string;
}

/** Options of `testStore`. */
export interface ConformanceOptions {
  readonly runner: ConformanceRunner;
  /** Answers an empty store for each case; the suite closes it afterwards. */
  readonly open: () => Store | Promise<Store>;
  /** Waits until every change shows everywhere, for services that are consistent only in the end. @default nothing */
  readonly settle?: ((store: Store) => void | Promise<void>) | undefined;
  /** Cases that are not run. A name that no case has is a `TypeError`. @default none */
  readonly skip?: readonly SkippedCase[] | undefined;
  /** Milliseconds for one case; give the runner's own limit at least as much. @default 2 minutes */
  readonly timeout?: number | undefined;
}

/**
 * Registers the conformance suite for a store: every law of `Store` as a test. What does not apply is decided by the store's
 * own `capabilities`; everything else must pass or be listed in `skip`.
 */
export function testStore(name: string, options: ConformanceOptions): void {
  const { runner, skip = [] } = options;
  const reasons = skipReasons(skip);
  runner.describe(name, () => {
    for (const storeCase of allCases) {
      const reason = reasons.get(storeCase.name);
      if (reason === undefined) runner.it(storeCase.name, (...context) => runCase(storeCase, options, context[0]));
      else registerSkipped(runner.it, `${storeCase.name} (skipped: ${reason})`);
    }
  });
}

function skipReasons(skip: readonly SkippedCase[]): ReadonlyMap<string, string> {
  const known = new Set(allCases.map(({ name }) => name));
  for (const { test } of skip) if (!known.has(test)) throw new TypeError(`skip: there is no case "${test}"`);
  return new Map(skip.map(({ test, reason }) => [test, reason]));
}

function registerSkipped(it: ConformanceTest, name: string): void {
  if (it.skip === undefined) it(name, async () => {});
  else it.skip(name, () => {});
}

async function runCase(storeCase: StoreCase, options: ConformanceOptions, context: unknown): Promise<void> {
  const { open, settle = () => {}, timeout = defaultTimeout } = options;
  const store = await open();
  try {
    // Some capabilities are known after the first call only.
    if (storeCase.unless !== undefined) await store.stat('/');
    const reason = storeCase.unless?.(store.capabilities);
    if (reason !== undefined) return skipNow(context, reason);
    await within(timeout, storeCase.run(new Trial(store, settle)));
  } finally {
    await store.close();
  }
}

/** Runners that can skip a test which already runs are told; for others it passes. */
function skipNow(context: unknown, reason: string): void {
  const { skip } = (context ?? {}) as { skip?: (reason: string) => void };
  if (typeof skip === 'function') skip.call(context, reason);
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the case did not end within ${milliseconds} ms`)), milliseconds);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** The names of all cases, and which of them stores of these capabilities need not pass. For reports about a store. */
export function conformanceCases(
  capabilities: Capabilities,
): { readonly name: string; readonly unless: string | undefined }[] {
  return allCases.map(({ name, unless }) => ({ name, unless: unless?.(capabilities) }));
}
