import { toldSize } from '../../http/told-values.ts';
import { textOf, type XmlElement } from '../../http/xml.ts';
import type { Usage } from '../../store/store.ts';
import { refOf } from './sugar-resource.ts';

/** An account as its user resource tells of it (https://www.sugarsync.com/dev/api/resource-ref.html). */
export interface SugarAccount {
  /** Scheme and host of the addresses that the service tells, and wants to be told. */
  readonly addresses: string;
  /** The list of sync folders, without `/contents`. */
  readonly top: string;
  /** The folder of deleted files; undefined where the account has none. */
  readonly deleted: string | undefined;
  readonly usage: Usage;
}

/** The account that an answer tells of. Throws `Unavailable` for what tells of none. */
export function accountIn(root: XmlElement): SugarAccount {
  const [syncFolders, deleted] = [textOf(root, 'syncfolders').trim(), textOf(root, 'deleted').trim()];
  const top = withoutContents(refOf(syncFolders));
  const name = textOf(root, 'username').trim();
  const quota = root.children.find((child) => child.name === 'quota');
  const figure = (key: string): number | undefined => {
    const text = textOf(quota, key).trim();
    return text === '' ? undefined : toldSize(text);
  };
  return {
    addresses: new URL(syncFolders).origin,
    top,
    deleted: deleted === '' ? undefined : withoutContents(refOf(deleted)),
    usage: { used: figure('usage'), total: figure('limit'), account: name === '' ? undefined : name },
  };
}

function withoutContents(ref: string): string {
  return ref.replace(/\/contents$/, '');
}
