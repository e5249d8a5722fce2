/** What a stack of stores can do. The suite and the cache branch on these; nothing is listed here that nobody asks. */
export interface Capabilities {
  /**
   * How `ifRevision` is kept: `atomic` by the service itself, `checked` by this client just before the change (a small
   * window stays open), `none` not at all (passing it throws `Unsupported`; entries have no revision).
   */
  readonly preconditions: 'atomic' | 'checked' | 'none';
  /** Modification times given to `write` are kept. */
  readonly modified: boolean;
  /** Times are exact to this many milliseconds. */
  readonly modifiedPrecision: number;
  /** Listings tell the same modification times as `stat`. Otherwise they tell when the service took the file. */
  readonly modifiedListed: boolean;
  /** `Name` and `name` are two files. */
  readonly caseSensitive: boolean;
  /** Names that match are `InvalidPath`, because the service does not take them; null: it takes all. It may be known after the first call only. */
  readonly refusedNames: RegExp | null;
  /** A part of a file can be read without transferring what precedes it. */
  readonly rangedReads: boolean;
  /** `copy` and `move` of a file happen at the service, without its bytes passing through here. */
  readonly serverSideCopy: boolean;
  readonly serverSideMove: boolean;
  /** Largest file in bytes, `Infinity` where no limit is known. */
  readonly maxFileSize: number;
  /**
   * Which names of a file's metadata are kept: `any`, only `mode` (whose permission bits count, and every file has one), or
   * `none`. It may be known after the first call only, and is `none` until then.
   */
  readonly metadata: 'none' | 'mode' | 'any';
  /**
   * Bytes of metadata that a file can have: names and values together, as UTF-8. Names and values may count more where they
   * must be written in a longer form: printable ASCII without quotes and backslashes does not.
   */
  readonly maxMetadataBytes: number;
  /** `changes` tells what others changed: when it is asked (`poll`), or as it happens, too (`wait`). */
  readonly changes: 'none' | 'poll' | 'wait';
  /** Files of at least this many bytes are uploaded so that `resume` can go on; `Infinity`: none are. */
  readonly resumableFrom: number;
  /** Of files of at least this many bytes, `unchanged` parts need not be sent; `Infinity`: all is sent always. */
  readonly partialFrom: number;
  /** Files of up to this many bytes whose `write` is under way together are committed together, hundreds in a few requests; 0: each by itself. */
  readonly gatheredUpTo: number;
}
