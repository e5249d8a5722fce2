import type { LitmusResult, LitmusSuite } from './clients/litmus-client.ts';
import type { ServerName } from './installed.ts';

/** What litmus finds in one server. */
export interface LitmusExpected {
  readonly results: Partial<Record<LitmusSuite, LitmusResult>>;
  /** Why not everything passes. */
  readonly reasons: readonly string[];
}

/** The WebDAV servers. */
export type DavServerName = Exclude<ServerName, 'ceph-radosgw' | 'swift-s3'>;

const basic = all(16);
const copymove = all(13);
const props = all(30);
const locks = all(41);
const http = all(4);

/** What litmus 0.13 finds in the versions of Debian 12. A server that does better or worse than here is another server. */
export const litmusExpected: Readonly<Record<DavServerName, LitmusExpected>> = {
  'apache-dav': { results: { basic, copymove, props, locks, http }, reasons: [] },
  'sabre-dav': {
    results: { basic, copymove, props, locks },
    reasons: ['The suite http is not run: PHP answers no 100 Continue, for which litmus waits 30 s.'],
  },
  'lighttpd-dav': {
    results: {
      basic,
      copymove,
      props: {
        passed: 20,
        failed: list(
          '2 propfind_invalid, 3 propfind_invalid2, 15 propnullns, 16 propget, 17 prophighunicode, ' +
            '18 propget, 19 propremoveset, 20 propget, 21 propsetremove, 23 propvalnspace',
        ),
        skipped: [],
      },
      locks: {
        passed: 37,
        failed: [],
        skipped: ['15 cond_put', '16 fail_cond_put', '19 complex_cond_put', '20 fail_complex_cond_put'],
      },
      http,
    },
    reasons: [
      'A body of XML without a Content-Type of XML is answered with 415.',
      'Conditional writes are skipped: without a media type for the file, GET has no ETag.',
    ],
  },
  'nginx-dav': {
    results: {
      basic: { passed: 15, failed: ['2 options'], skipped: [] },
      copymove: { passed: 10, failed: ['4 copy_overwrite', '9 move', '10 move_coll'], skipped: [] },
      props: {
        passed: 10,
        failed: ['3 propfind_invalid2', '6 propset', '26 propmanyns', '27 propget'],
        skipped: list(
          '7 propget, 9 propmove, 10 propget, 11 propdeletes, 12 propget, 13 propreplace, 14 propget, ' +
            '15 propnullns, 16 propget, 17 prophighunicode, 18 propget, 19 propremoveset, 20 propget, ' +
            '21 propsetremove, 22 propget, 23 propvalnspace',
        ),
      },
      locks: { passed: 2, failed: ['2 options'], skipped: ['3 precond'] },
      http,
    },
    reasons: [
      'Its DAV header names class 2 alone, so that litmus does not believe in class 1, nor in locks.',
      'A file and a collection do not replace each other in COPY and MOVE: 409.',
      'There is no PROPPATCH: 405.',
    ],
  },
};

function all(passed: number): LitmusResult {
  return { passed, failed: [], skipped: [] };
}

function list(names: string): string[] {
  return names.split(', ');
}
