/**
 * sqlite.org/rescode.html: a page that contradicts itself, a file that is no database, a schema that does not fit what is asked of it or cannot be
 * read (all that is asked is known to fit ours), and reads that the disk refuses or cuts short.
 */
const wrongSchema = 1;
const corrupt = 11;
const notADatabase = 26;
const failedReads: ReadonlySet<unknown> = new Set([266, 522, 8458]);

/** What was read of a database shows that its file is damaged, though SQLite did not notice. */
export class DamagedDatabase extends Error {}

/** Whether an error says that the file is damaged. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamagedDatabase) return true;
  if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number')) return false;
  const primary = error.errcode & 0xff;
  return (
    error.errcode === wrongSchema || primary === corrupt || primary === notADatabase || failedReads.has(error.errcode)
  );
}
