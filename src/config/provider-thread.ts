import { Traffic } from '../http/traffic.ts';
import { providers } from '../providers/registry.ts';
import { serveStore } from '../threads/serve-store.ts';

/** What the thread of a provider is started with, by message: credentials are among it. */
export interface ProviderStartup {
  /** A name of the registry. */
  readonly provider: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** As `ProviderEnvironment.timeout`. */
  readonly timeout: number;
}

// This module is run as a thread of its own; `open-provider.ts` starts it. Whoever imports it takes types only.
serveStore(async (startup) => {
  const { provider, settings, variables, timeout } = startup as ProviderStartup;
  const traffic = new Traffic();
  const store = await providers[provider]?.open(settings, { variables, traffic, timeout });
  if (store === undefined) throw new TypeError(`there is no provider "${provider}"`);
  return { store, figures: () => traffic.figures() };
});
