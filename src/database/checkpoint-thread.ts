import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';

/** While the log is folded in, it grows: each round has less to do than the one before. */
const mostRounds = 4;
/** Pages that some commits leave. */
const few = 64;

// This module is run as a thread of its own; `checkpoints.ts` starts it with the path of a database.
const connection = new DatabaseSync(workerData as string);
try {
  // As the writer has it: the log is synced before pages are copied, the database before the log may begin anew.
  connection.exec('PRAGMA synchronous = NORMAL');
  // A passive one takes no lock that a writer or a reader needs; see sqlite.org/c3ref/wal_checkpoint_v2.html.
  const round = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  for (let [made, before] = [0, 0]; made < mostRounds; made++) {
    const pages = Number(round.get()?.['log']);
    if (!(pages - before > few)) break;
    before = pages;
  }
} finally {
  connection.close();
}
