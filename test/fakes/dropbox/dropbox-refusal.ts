/** What the fake answers instead of doing what it was asked. */
export class DropboxRefusal extends Error {
  readonly status: number;
  /** JSON, or a sentence for 400. */
  readonly body: string;
  readonly retryAfter: number | undefined;

  constructor(status: number, body: string, retryAfter?: number) {
    super(body);
    this.status = status;
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

/** Refuses with tags, `path/conflict/file`, as Dropbox nests them. `more` stands beside the innermost. */
export function refuse(tags: string, more: object = {}, status: number = 409): never {
  throw new DropboxRefusal(status, JSON.stringify({ error_summary: `${tags}/..`, error: nested(tags, more) }));
}

/** The error of tags: each field has the name of the outer tag; lookups of batches and conflicts are fields like all. */
export function nested(tags: string, more: object = {}): object {
  const [tag = '', ...rest] = tags.split('/');
  if (rest.length === 0) return { '.tag': tag, ...more };
  return { '.tag': tag, [tag]: nested(rest.join('/'), more) };
}

/** Refuses in a sentence, as Dropbox does where a request makes no sense. */
export function misunderstand(sentence: string): never {
  throw new DropboxRefusal(400, sentence);
}
