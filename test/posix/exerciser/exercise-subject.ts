/** What is exercised. What a subject cannot do is not tried on it. */
export interface ExerciseSubject {
  /** A directory for the exerciser alone. */
  readonly directory: string;
  /** Where everything is when it was sent, as plain files. */
  readonly storeDirectory?: string;
  /** Sends everything, and drops the contents that nobody uses. */
  readonly drain?: () => Promise<void>;
  /** Ends the mount in order, and mounts again. No descriptor may be open. */
  readonly remount?: () => Promise<void>;
  /** Kills whoever serves the directory, and mounts again. */
  readonly crash?: () => Promise<void>;
  /** Has the kernel forget what it caches of every file of this computer, names too; only root can. */
  readonly dropCaches?: () => void;
}
