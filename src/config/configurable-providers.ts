import { providers } from '../providers/registry.ts';
import type { ConfigurableProvider } from './parse-configuration.ts';

/** A store in memory forgets what was uploaded to it, so a cache over it would promise what it cannot keep. */
const onlyForPrograms: ReadonlySet<string> = new Set(['memory']);

/** The providers that a configuration can name. */
export const configurableProviders: readonly ConfigurableProvider[] = Object.entries(providers)
  .filter(([name]) => !onlyForPrograms.has(name))
  .map(([name, { names, settings }]) => ({ name, synonyms: names, settings }));
