import type { FakeBucket } from './fake-bucket.ts';
import type { StoredFile } from './stored-file.ts';

/** What is asked of a listing, in either API. */
export interface ListingQuestion {
  readonly prefix: string;
  readonly delimiter: string;
  /** Only names after this one. */
  readonly after?: string | undefined;
  /** Only names from this one on. */
  readonly startOffset?: string | undefined;
  /** Only names before this one. */
  readonly endOffset?: string | undefined;
  /** Files that end in their only delimiter are listed beside their prefix. */
  readonly includeTrailingDelimiter?: boolean | undefined;
  /** Files and prefixes of one page together. */
  readonly limit: number;
}

/** One page; `last` is what the next page comes after, absent on the last page. */
export interface ListingPage {
  readonly files: readonly StoredFile[];
  readonly prefixes: readonly string[];
  readonly last: string | undefined;
}

const before = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;

/** A page of a listing: names in the order of their bytes, those behind a delimiter as one prefix. */
export function listPage(bucket: FakeBucket, question: ListingQuestion): ListingPage {
  const { prefix, delimiter, after, startOffset, endOffset, limit } = question;
  const files: StoredFile[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  const first = [after ?? '', startOffset ?? ''].reduce((a, b) => (before(a, b) ? b : a), prefix);
  for (const file of bucket.files(first)) {
    const { name } = file;
    if (!name.startsWith(prefix)) break;
    if (endOffset !== undefined && !before(name, endOffset)) continue;
    const group = groupOf(name, prefix, delimiter);
    const place = group ?? name;
    if (after !== undefined && (place === after || before(place, after))) continue;
    const isListed = group === undefined || (question.includeTrailingDelimiter === true && group === name);
    const isNewGroup = group !== undefined && prefixes.at(-1) !== group;
    const cost = (isListed ? 1 : 0) + (isNewGroup ? 1 : 0);
    if (cost > 0 && files.length + prefixes.length >= limit) return { files, prefixes, last };
    if (isNewGroup) prefixes.push(group);
    if (isListed) files.push(file);
    last = place;
  }
  return { files, prefixes, last: undefined };
}

function groupOf(name: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === '') return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : name.slice(0, at + delimiter.length);
}
