/**
 * The conformance suite: every law of `Store` as a test, for any store and any test runner.
 *
 * @module cloudfusion/conformance
 */

export {
  type ConformanceOptions,
  type ConformanceRunner,
  type ConformanceTest,
  conformanceCases,
  type SkippedCase,
  testStore,
} from './test-store.ts';
