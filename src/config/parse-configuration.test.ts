import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { describe, it } from 'node:test';
import type { Configuration } from './configuration.ts';
import { ConfigurationError } from './configuration-error.ts';
import { mask } from './mask-secrets.ts';
import { type ParseOptions, parseConfiguration } from './parse-configuration.ts';

const providers = [
  { name: 'local', synonyms: ['hdd', 'disk'], settings: [{ key: 'root', required: true, path: true }] },
  {
    name: 'cloud',
    settings: [
      { key: 'user', required: true },
      { key: 'password', required: true, secret: true },
      { key: 'id' },
      { key: 'secret', secret: true },
      { key: 'url' },
      { key: 'region' },
    ],
  },
];
const options: ParseOptions = {
  providers,
  environment: { HOME: '/home/you', PASSWORD: 'hunter2' },
  baseDirectory: '/base',
};
const local = '[store]\nname = local\n[auth]\nroot = /files\n';
const cloud = '[auth]\nuser = me\npassword = hunter2\n[store]\nname = cloud\n';

function parse(text: string, more: Partial<ParseOptions> = {}) {
  return parseConfiguration(text, { ...options, ...more });
}

describe('parseConfiguration', () => {
  it('fills in defaults', () => {
    const { cacheDirectory, account, ...rest } = parse(local);
    assert.deepEqual(rest, {
      store: 'local',
      loginExpires: undefined,
      settings: { root: '/files' },
      uploadDelay: 60_000,
      writeThrough: false,
      metadataTime: 120_000,
      timeout: 30_000,
      uploadLimit: [],
      downloadLimit: [],
      maxBytes: 5e9,
      hardMaxBytes: 10e9,
      prefetch: true,
      allowOther: false,
      uid: undefined,
      gid: undefined,
      fileMode: 0o644,
      directoryMode: 0o755,
      strictPosix: false,
      passthrough: true,
      log: undefined,
      profile: false,
    });
    assert.match(account, /^local-[0-9a-f]{16}$/);
    assert.equal(cacheDirectory, `/home/you/.cache/cloudfusion/${account}`);
  });

  it('takes modes from umask where they are not given, and refuses what is none', () => {
    const modes = ({ fileMode, directoryMode }: Configuration): number[] => [fileMode, directoryMode];
    assert.deepEqual(modes(parse(`${local}[store]\numask = 077\n`)), [0o600, 0o700]);
    assert.deepEqual(modes(parse(`${local}[store]\numask = 077\ndir_mode = 755\n`)), [0o600, 0o755]);
    for (const [line, message] of [
      ['umask = 8', /"umask" is three octal digits/],
      ['file_mode = 4755', /"file_mode" is three octal digits/],
      ['dir_mode = rwx', /"dir_mode" is three octal digits/],
      ['uid = root', /"uid" is a whole number/],
      ['gid = 4294967295', /"gid" is a whole number/],
      ['uid = -1', /"uid" is a whole number/],
      ['timeout = 0', /"timeout" is more than 0 seconds/],
    ] as const)
      assert.throws(() => parse(`${local}[store]\n${line}\n`), { name: 'ConfigurationError', message });
  });

  it('reads every key', () => {
    const text = `[store]\nNAME: Disk\ncache=1.5\nmetadata_cache = 0\ntimeout = 2.5\nupload_limit = 1M\ndownload_limit: Mon-08:00,512k Sat-00:00,off\ncache_size = 0.25\nhard_cache_size_limit = 1
cache_id = mine\ncache_dir = ~/c\ntype =\nmax_chunk_size = 4\nautoregister = FALSE\nlog = Debug\nenable_logging = 1
enable_profiling = yes\nallow_other = on\npassthrough = off\nprefetch = no
uid = 1000\ngid = 0\numask = 027\nfile_mode = 0600\ndir_mode = 711\nstrict_posix = yes\n[auth]\nroot = files\nuser = a\npassword = b\nid = c\nsecret = d\nhost = e
server_url = f\nurl = g\nbucket_name = h\n[module]\nanything = goes\n`;
    const { account, ...rest } = parse(text);
    assert.equal(account, parse('[store]\nname = local\n[auth]\nroot = /base/files').account);
    assert.deepEqual(rest, {
      store: 'local',
      loginExpires: undefined,
      settings: { root: '/base/files' },
      cacheDirectory: `${homedir()}/c/mine`,
      uploadDelay: 1500,
      writeThrough: false,
      metadataTime: 0,
      timeout: 2500,
      uploadLimit: [{ minute: 0, rate: 1 << 20 }],
      downloadLimit: [
        { minute: 1920, rate: 512 << 10 },
        { minute: 8640, rate: Infinity },
      ],
      maxBytes: 250_000,
      hardMaxBytes: 1_000_000,
      prefetch: false,
      allowOther: true,
      uid: 1000,
      gid: 0,
      fileMode: 0o600,
      directoryMode: 0o711,
      strictPosix: true,
      passthrough: false,
      log: 'debug',
      profile: true,
    });
  });

  it('takes all names of id and secret, the specific one first', () => {
    const text = `${cloud}[auth]\nid = generic\naws_access_key_id = a\nclient_secret = b\n`;
    assert.equal(parse(text).settings['id'], 'a');
    assert.equal(parse(text).settings['secret'], 'b');
  });

  it('takes secrets from the environment', () => {
    assert.equal(parse(cloud.replace('hunter2', '${PASSWORD}')).settings['password'], 'hunter2');
  });

  it('takes keys that only one provider knows', () => {
    assert.equal(parse(`${cloud}[auth]\nregion = eu\n`).settings['region'], 'eu');
  });

  describe('limits', () => {
    const limits: [text: string, soft: number, hard: number][] = [
      ['cache_size = 20000', 20e9, 40e9],
      ['hard_cache_size_limit = 1000', 1e9, 1e9],
      ['cache_size = 3\nhard_cache_size_limit = 2', 2e6, 2e6],
    ];
    for (const [text, soft, hard] of limits)
      it(`never contradict each other: ${JSON.stringify(text)}`, () => {
        const { maxBytes, hardMaxBytes } = parse(`${local}[store]\n${text}\n`);
        assert.deepEqual([maxBytes, hardMaxBytes], [soft, hard]);
      });
  });

  describe('the default cache', () => {
    const directory = (text: string) => parse(text).cacheDirectory;

    it('stays the same for one account, whatever its limits, names and passwords', () => {
      const other = cloud.replace('hunter2', 'hunter3').replace('name = cloud', 'cache = 7\nname: CLOUD');
      assert.equal(directory(other), directory(cloud));
    });

    it('is another one for another account', () => {
      const all = [
        local,
        local.replace('/files', '/other'),
        cloud,
        cloud.replace('me', 'you'),
        `${cloud}[auth]\nurl = x`,
      ];
      assert.equal(new Set(all.map(directory)).size, all.length);
    });

    it('lies in XDG_CACHE_HOME, if that is absolute', () => {
      const at = (base: string) => parse(local, { environment: { HOME: '/h', XDG_CACHE_HOME: base } }).cacheDirectory;
      assert.ok(at('/x').startsWith('/x/cloudfusion/local-'));
      assert.ok(at('x').startsWith('/h/.cache/cloudfusion/local-'));
    });
  });

  const refused: [text: string, line: number | undefined, message: RegExp][] = [
    ['', undefined, /"name" is missing in \[store\]/],
    ['[store]\ncache = 5\n', undefined, /"name" is missing/],
    ['[store]\nname = local\n', undefined, /store "local" needs the key "root" in \[auth\]/],
    ['[store]\nname = cloud\n', undefined, /needs the keys "user" and "password" in \[auth\]/],
    ['[stroe]\nname = local\n', 1, /no section \[stroe\] \(did you mean "store"\?\)/],
    ['[store]\nname = local\n\ncahce = 60\n', 4, /no key "cahce" in \[store\] \(did you mean "cache"\?\)/],
    ['[store]\nname = local\nroot = /x\n', 3, /"root" belongs into the section \[auth\]/],
    ['[auth]\ncache = 1\n', 2, /"cache" belongs into the section \[store\]/],
    ['[store]\nname = dropbx\n', 2, /no store called "dropbx" \(did you mean "dropbox"\?\)/],
    ['[store]\nname = floppy\n', 2, /no store called "floppy"$/],
    ['[store]\nname = local\ncache = soon\n', 3, /"cache" is a number of seconds from 0, not "soon"/],
    ['[store]\nname = local\ncache = -1\n', 3, /"cache" is a number/],
    ['[store]\nname = local\ncache_size = 1e3\n', 3, /"cache_size" is a number of megabytes/],
    ['[store]\nname = local\nmax_chunk_size = x\n', 3, /"max_chunk_size" is a number/],
    ['[store]\nname = local\nallow_other = maybe\n', 3, /"allow_other" is true or false/],
    ['[store]\nname = local\nlog = inf\n', 3, /"log" is one of .* \(did you mean "info"\?\)/],
    ['[store]\nname = local\ntype = chunk\n', 3, /archives \("type"\) are not available in this version/],
    ['[store]\nname = local\nautoregister = true\n', 3, /"autoregister"\) is not available in this version/],
    [`${local}[store]\ncache_id = ../x\n`, 6, /"cache_id" is the name of a directory/],
    [`${cloud}[auth]\nid = \${NOWHERE}\n`, 7, /environment variable NOWHERE is not set/],
    [`${cloud}[auth]\nsecret = ${mask}\n`, 7, /"secret" is masked, and no former value is known/],
  ];
  for (const [text, line, message] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parse(text),
        (error) => {
          assert.ok(error instanceof ConfigurationError, String(error));
          assert.match(error.message, message);
          assert.equal(error.line, line);
          assert.ok(!error.message.includes('hunter2'));
          return true;
        },
      );
    });
  }

  for (const name of [
    'dropbox',
    'SugarSync',
    's3',
    'amazon s3',
    'Amazon',
    'gs',
    'Google Storage',
    'google drive',
    'webdav',
  ])
    it(`knows ${name}, which it does not have yet`, () => {
      assert.throws(
        () => parse(`[store]\nname = ${name}\n`),
        /^ConfigurationError: line 2: .* is not available in this version$/,
      );
    });

  it('finds a provider by any name of its service', () => {
    const s3 = { name: 's3', settings: [] };
    assert.equal(parse('[store]\nname = Amazon S3\n', { providers: [s3] }).store, 's3');
  });

  it('refuses relative paths where nothing says what they are relative to', () => {
    assert.throws(
      () => parse(local.replace('/files', 'files'), { baseDirectory: undefined }),
      /line 4: "root" must be an absolute path/,
    );
  });

  describe('a masked secret', () => {
    const masked = cloud.replace('hunter2', mask);

    it('stays what it is in force', () => {
      assert.equal(parse(masked, { inForce: parse(cloud) }).settings['password'], 'hunter2');
    });

    it('is not sent to another service', () => {
      const elsewhere = `${masked}[auth]\nurl = http://elsewhere\n`;
      assert.throws(
        () => parse(elsewhere, { inForce: parse(cloud) }),
        /line 3: "password" is masked, and its former value/,
      );
    });
  });
});
