import type { CacheTree } from './cache-tree.ts';
import type { ContentAccess } from './open-content.ts';

/** What a `CachedStore` is made of. */
export interface CachedStoreParts extends ContentAccess {
  readonly cacheTree: CacheTree;
  readonly ownership: { readonly uid: number; readonly gid: number };
}
