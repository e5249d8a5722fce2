import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** What `Checkpoints` asks of the connection that writes. */
export interface CheckpointedConnection {
  /** Lets other connections in this process read and write, or no longer. */
  share(shared: boolean): void;
  /** Folds the log in, now; whoever calls waits. */
  checkpoint(): void;
}

/** When the log is folded into the database. */
export interface CheckpointLimits {
  /** After so many statements, some kibibytes each. */
  readonly changes: number;
  /** A log of so many bytes, which grows while it is folded in, makes the writer wait. */
  readonly bytes: number;
}

const usualLimits: CheckpointLimits = { changes: 8_000, bytes: 128 << 20 };

/**
 * Folds the write-ahead log into the database in a thread of its own, while the connection goes on writing: the copying and the waits for the
 * disk are no work of the main thread. A process that dies at any moment leaves a log that the next opening reads, as without.
 *
 * The log begins anew with the first write after all of it was folded in. A writer without a pause, who never lets that happen, has to
 * do it by himself when the log is too long.
 */
export class Checkpoints {
  readonly #path: string;
  readonly #connection: CheckpointedConnection;
  readonly #limits: CheckpointLimits;
  #changes = 0;
  #running: Worker | undefined;
  #isClosed = false;

  constructor(path: string, connection: CheckpointedConnection, limits: CheckpointLimits = usualLimits) {
    this.#path = path;
    this.#connection = connection;
    this.#limits = limits;
  }

  /** A statement changed something. */
  count(): void {
    if (++this.#changes < this.#limits.changes) return;
    this.#changes = 0;
    // Not within the transaction that this change is part of.
    setImmediate(() => this.#begin()).unref();
  }

  /** Begins none any more. One that runs ends by itself. */
  close(): void {
    this.#isClosed = true;
  }

  #begin(): void {
    if (this.#isClosed || this.#running !== undefined) return;
    const script = new URL(`checkpoint-thread${extname(import.meta.filename)}`, import.meta.url);
    this.#connection.share(true);
    const thread = new Worker(script, {
      name: 'checkpoint',
      workerData: this.#path,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    this.#running = thread;
    thread.unref();
    // Whatever kept it from its work, the log is still there, and what is wrong with the disk shows in the next commit.
    thread.on('error', () => undefined);
    thread.on('exit', () => this.#ended());
  }

  #ended(): void {
    this.#running = undefined;
    if (this.#isClosed) return;
    this.#connection.share(false);
    if (statSync(`${this.#path}-wal`).size > this.#limits.bytes) this.#connection.checkpoint();
  }
}
