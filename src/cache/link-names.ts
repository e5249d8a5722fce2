/**
 * A symbolic link is kept at the store as a small file that holds the target, under the link's name and a suffix: the form of
 * rclone's `--links` (https://rclone.org/local/#links-l), which shows in a listing without a request for each name.
 */

/** What the store's name of a symbolic link has behind the link's own name. */
export const linkSuffix = '.rclonelink';

/** The longest target of a symbolic link: PATH_MAX of linux/limits.h without the NUL. */
export const maxTargetBytes = 4095;

/** Whether a file of this name and size at the store is a symbolic link, if no other one has the link's own name. */
export function isStoredLink(name: string, size: number): boolean {
  return isLinkName(name) && size > 0 && size <= maxTargetBytes;
}

/** Whether a name is that of a symbolic link at a store. */
export function isLinkName(name: string): boolean {
  return name.length > linkSuffix.length && name.endsWith(linkSuffix);
}

/** The link's own name, of the one that it has at the store. */
export function linkNameOf(storedName: string): string {
  return storedName.slice(0, -linkSuffix.length);
}

/** A file by its name at the store. */
interface Named {
  readonly name: string;
  /** It is shown as a link. */
  link: boolean;
}

/**
 * Where something has the very name that a symbolic link shows, the link is the plain file that the store has: `arriving` or one of the
 * `children` among whom it comes. Answers the child that is no link any more.
 */
export function settleLinks<N extends Named>(children: ReadonlyMap<string, N>, arriving: N): N | undefined {
  const { name } = arriving;
  if (arriving.link && (!isLinkName(name) || children.has(linkNameOf(name)))) arriving.link = false;
  const covered = children.get(name + linkSuffix);
  if (covered?.link !== true) return undefined;
  covered.link = false;
  return covered;
}
