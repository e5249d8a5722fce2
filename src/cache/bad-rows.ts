import type { Database, SqlValue } from '../database/database.ts';
import type { Problem } from './cache-report.ts';
import { DataFiles } from './data-files.ts';
import { InlineContents } from './inline-contents.ts';
import type { LostAndFound } from './lost-and-found.ts';
import { nodeOf } from './node-row.ts';
import type { Node } from './node.ts';
import { mendedRow, namedRow } from './row-mending.ts';

/** What `BadRows` works on. */
export interface BadRowsParts {
  readonly database: Database;
  readonly files: DataFiles;
  readonly lostAndFound: LostAndFound;
  readonly onProblem: (problem: Problem) => void;
}

/** Sees to rows of nodes whose values make no sense: the row and the content are put aside, and what is certain of the node is kept. */
export class BadRows {
  readonly #parts: BadRowsParts;

  constructor(parts: BadRowsParts) {
    this.#parts = parts;
  }

  /** What is left of the node; undefined for a file that the store does not have. */
  mend(row: readonly SqlValue[], error: unknown): Node | undefined {
    const { lostAndFound, onProblem } = this.#parts;
    const details = namedRow(row);
    const id = Number(details['id']);
    const path = typeof details['name'] === 'string' ? details['name'] : `node ${id}`;
    const why = error instanceof Error ? error.message : String(error);
    const message = `its row in the database of the cache makes no sense (${why}); it is kept in ${lostAndFound.directory}`;
    onProblem(lostAndFound.note(`row-${id}`, { path, message, details }));
    const content = Number(details['content']);
    if (Number.isSafeInteger(content) && content > 0) this.#putAside(content, path);
    const mended = mendedRow(row);
    return mended === undefined ? undefined : nodeOf(mended);
  }

  #putAside(content: number, path: string): void {
    const { database, files, lostAndFound } = this.#parts;
    const loss = { path, message: 'the content of a file whose row makes no sense' };
    const inline = new InlineContents(database, 0);
    const row = inline.load(content);
    if (row !== undefined) {
      lostAndFound.keep(row.bytes, `content-${content}`, loss);
      inline.remove(content);
    } else if (files.inspect(content) !== undefined) {
      lostAndFound.take(files.pathOf(content), `content-${content}`, loss);
    }
  }
}
