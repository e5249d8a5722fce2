import type { CachedMetadata } from './cached-metadata.ts';
import type { CacheTree } from './cache-tree.ts';
import type { UsualAttributes } from './usual-attributes.ts';
import type { ContentAccess } from './content-change.ts';

/** What a `CachedStore` is made of. */
export interface CachedStoreParts extends ContentAccess {
  readonly cacheTree: CacheTree;
  /** Names that the store does not take. */
  readonly refusedNames: () => RegExp | null;
  readonly metadata: CachedMetadata;
  /** Of what is made here. */
  readonly usual: UsualAttributes;
}
