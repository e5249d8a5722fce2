import type { Database } from '../database/database.ts';
import type { Resume } from '../store/store.ts';
import { diskFull } from './disk-full.ts';
import type { Node } from './node.ts';

/** What the store said of an upload that has not ended. */
interface UploadState {
  readonly path: string;
  /** `Node.contentVersion` of what was being sent. */
  readonly contentVersion: number;
  readonly state: string;
}

/**
 * What uploads can go on from, kept in the database, so that a restart sends again one part at the most. A state belongs to one
 * content at one path; where either has changed, the store is told to give the upload up.
 */
export class UploadStates {
  readonly #database: Database;
  readonly #states = new Map<number, UploadState>();

  constructor(database: Database) {
    this.#database = database;
    for (const row of database.all('SELECT * FROM upload')) {
      this.#states.set(Number(row['node']), {
        path: row['path'] as string,
        contentVersion: Number(row['content_version']),
        state: row['state'] as string,
      });
    }
  }

  /** For an upload of the node as it is now, to `path`. */
  resume(node: Node, path: string): Resume {
    const { id, contentVersion } = node;
    const known = this.#states.get(id);
    const fits = known !== undefined && known.path === path && known.contentVersion === contentVersion;
    return {
      saved: fits ? known.state : undefined,
      obsolete: fits ? undefined : known?.state,
      save: (state) => {
        if (state === undefined) this.forget(node);
        else this.#keep(id, { path, contentVersion, state });
      },
    };
  }

  /** There is nothing to go on from. */
  forget({ id }: Node): void {
    if (this.#states.delete(id)) this.#database.run('DELETE FROM upload WHERE node = ?', id);
  }

  #keep(id: number, upload: UploadState): void {
    this.#states.set(id, upload);
    const { path, contentVersion, state } = upload;
    try {
      this.#database.run('INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?)', id, path, contentVersion, state);
    } catch (error) {
      // On a full disk the upload goes on; after a restart it would begin anew.
      if (diskFull(error) === undefined) throw error;
    }
  }
}
