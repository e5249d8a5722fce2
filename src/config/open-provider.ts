import { extname } from 'node:path';
import type { RequestFigures } from '../http/traffic.ts';
import type { Store } from '../store/store.ts';
import { openThreadStore } from '../threads/thread-store.ts';
import type { ProviderStartup } from './provider-thread.ts';

/** A provider's store, which works in a thread of its own. */
export interface OpenedProvider {
  readonly store: Store;
  /** The requests to the service, by the service's own names of them, since its thread was started. */
  readonly requests: () => Promise<Readonly<Record<string, RequestFigures>>>;
}

/** Opens a provider of the registry where its encryption, hashing and parsing keep nobody waiting. Throws as the provider does. */
export async function openProvider(startup: ProviderStartup): Promise<OpenedProvider> {
  const script = new URL(`provider-thread${extname(import.meta.url)}`, import.meta.url);
  const store = await openThreadStore(script, { ...startup, variables: { ...startup.variables } });
  const requests: OpenedProvider['requests'] = async () =>
    ((await store.figures()) as Readonly<Record<string, RequestFigures>> | undefined) ?? {};
  return { store, requests };
}
