import { isStoreError, StoreError } from '../../store/errors.ts';
import type { Entry } from '../../store/store.ts';
import type { DavServer } from './dav-server.ts';
import { findExpected } from './find-resource.ts';
import { withLock } from './locks.ts';
import { isEtag } from './revision.ts';

/** Headers that make a request fail with 412 unless something is as expected. */
export type Condition = Readonly<Record<string, string>>;

const looks = 3;

/**
 * The condition for a PUT, where the server keeps such conditions; null: it must not exist. `If` names the
 * ETag whether or not it is weak (RFC 4918 section 10.4), `If-Match` only while it is strong.
 */
export function conditionOf(server: DavServer, revision: string | null): Condition {
  if (revision === null) return { 'if-none-match': '*' };
  const stated = { if: `([${revision}])` };
  return server.traits.weakAtFirst ? stated : { ...stated, 'if-match': revision };
}

/** What a change is about. */
export interface Expectation {
  readonly path: string;
  /** As in `WriteOptions`: the revision that is there, null for nothing, undefined for whatever. */
  readonly ifRevision?: string | null | undefined;
  /** The change is a MOVE or COPY to `path`, not a request to `path` itself. */
  readonly isTarget: boolean;
  /** A revision that is expected may be gone altogether. @default false */
  readonly mayBeGone?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks at what is at a path and lets `change` act on it, held to exactly that by a condition where the server keeps it, and by a
 * lock where it does not. A change that then fails for the condition looks again, unless a revision was expected.
 * Throws `Conflict` where the expectation does not hold.
 */
export async function lookingFirst<T>(
  server: DavServer,
  expectation: Expectation,
  change: (found: Entry | undefined, condition: Condition) => Promise<T>,
): Promise<T> {
  const { path, ifRevision, isTarget, signal } = expectation;
  const isKept = isTarget ? server.traits.keepsTargetConditions : server.traits.keepsConditions;
  if (isKept || typeof ifRevision !== 'string') return await lookAndChange(server, expectation, isKept, change);
  if (isTarget && server.traits.keepsConditions) return await lookAndChange(server, expectation, false, change);
  const before = await findExpected(server, path, ifRevision, signal);
  assertExpected(before, expectation);
  if (before === undefined) return await change(undefined, {});
  return await withLock(server, path, signal, async (token) => {
    const found = await findExpected(server, path, ifRevision, signal);
    assertExpected(found, expectation);
    return await change(
      found,
      token === undefined ? {} : { if: isTarget ? `<${server.address(path)}> (${token})` : `(${token})` },
    );
  });
}

async function lookAndChange<T>(
  server: DavServer,
  expectation: Expectation,
  isKept: boolean,
  change: (found: Entry | undefined, condition: Condition) => Promise<T>,
): Promise<T> {
  const { path, ifRevision, isTarget, signal } = expectation;
  for (let look = 1; ; look++) {
    const found = await findExpected(server, path, ifRevision, signal);
    assertExpected(found, expectation);
    const revision = found?.kind === 'file' ? found.revision : undefined;
    const isHeld = isKept && revision !== undefined && isEtag(revision);
    try {
      return await change(found, isHeld ? heldTo(server, path, revision, isTarget) : {});
    } catch (error) {
      if (!isStoreError(error, 'Conflict') || ifRevision === null || look >= looks) throw error;
    }
  }
}

/** Tagged with the address: without, Apache holds the directory to it as well when something is deleted from it. */
function heldTo(server: DavServer, path: string, revision: string, isTarget: boolean): Condition {
  const stated = { if: `<${server.address(path)}> ([${revision}])` };
  return isTarget || server.traits.weakAtFirst ? stated : { ...stated, 'if-match': revision };
}

function assertExpected(found: Entry | undefined, { path, ifRevision, mayBeGone = false }: Expectation): void {
  if (ifRevision === undefined || (mayBeGone && found === undefined)) return;
  if (ifRevision === null ? found === undefined : found?.kind === 'file' && found.revision === ifRevision) return;
  throw new StoreError('Conflict', { path });
}
