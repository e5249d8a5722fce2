import { Throttle } from '../http/throttle.ts';
import { rateAt, type Timetable } from '../http/timetable.ts';
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
  /** How fast may be uploaded and downloaded. */
  readonly limits: Readonly<Record<'upload' | 'download', Timetable>>;
}

// This module is run as a thread of its own; `open-provider.ts` starts it. Whoever imports it takes types only.
serveStore(async (startup) => {
  const { provider, settings, variables, timeout, limits } = startup as ProviderStartup;
  const traffic = new Traffic({ upload: throttleOf(limits.upload), download: throttleOf(limits.download) });
  const store = await providers[provider]?.open(settings, { variables, traffic, timeout });
  if (store === undefined) throw new TypeError(`there is no provider "${provider}"`);
  return { store, figures: () => traffic.figures() };
});

function throttleOf(timetable: Timetable): Throttle | undefined {
  return timetable.length === 0 ? undefined : new Throttle(() => rateAt(timetable, new Date()));
}
