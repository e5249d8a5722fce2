import type { StoreCase } from '../store-case.ts';
import { contentCases } from './content-cases.ts';
import { nameCases } from './name-cases.ts';
import { pathCases } from './path-cases.ts';
import { rangeCases } from './range-cases.ts';
import { statCases } from './stat-cases.ts';

/** Every case of the suite, in the order of the laws. */
export const allCases: readonly StoreCase[] = [
  ...pathCases,
  ...nameCases,
  ...statCases,
  ...contentCases,
  ...rangeCases,
];
