export {
  type ConformanceOptions,
  type ConformanceRunner,
  type ConformanceTest,
  conformanceCases,
  type SkippedCase,
  testStore,
} from './test-store.ts';
