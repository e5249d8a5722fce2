import type { CallOptions } from '../../../store/store.ts';

/** What a request is signed with. */
export interface AccessKeys {
  readonly id: string;
  readonly secret: string;
  /** Goes with temporary keys. */
  readonly sessionToken?: string | undefined;
}

/** Where the keys come from. Keys that expire are renewed in time, once for all who wait for them. */
export interface KeySource {
  /** Throws `Unauthenticated` with what to set when there are none. */
  current(options?: CallOptions): Promise<AccessKeys>;
  /** The service says that `keys` have expired. Answers whether asking `current` again may give others. */
  expired(keys: AccessKeys): boolean;
}

/** Keys that somebody typed in: they stay what they are. */
export function fixedKeys(keys: AccessKeys): KeySource {
  return { current: async () => keys, expired: () => false };
}
