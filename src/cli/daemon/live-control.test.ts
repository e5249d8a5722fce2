import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CacheStatistics, PendingChange, Problem } from '../../cache/cache-report.ts';
import type { NodeTree } from '../../cache/node-tree.ts';
import type { Configuration } from '../../config/configuration.ts';
import { mask } from '../../config/mask-secrets.ts';
import { parseConfiguration } from '../../config/parse-configuration.ts';
import { LiveControl, type LiveStore } from './live-control.ts';

const providers = [
  {
    name: 'cloud',
    settings: [
      { key: 'user', required: true },
      { key: 'password', required: true, secret: true },
    ],
  },
];

function textFor(user: string, more = ''): string {
  return `[store]\nname = cloud\ncache_dir = /cache\n${more}[auth]\nuser = ${user}\npassword = hunter2\n`;
}

const statistics: CacheStatistics = {
  since: 0,
  pendingChanges: 1,
  dirtyFiles: 1,
  dirtyBytes: 2_500_000,
  uploading: 0,
  cachedBytes: 3_000_000,
  maxBytes: 5e9,
  hardMaxBytes: 10e9,
  hits: 7,
  misses: 4,
  uploadedBytes: 12_345_678,
  downloadedBytes: 1_000_000,
  uploadRate: 2_000_000,
  downloadRate: 500_000,
  online: true,
  failures: { Unavailable: { count: 2, last: { at: Date.now(), path: '/a', message: 'no hunter2 today' } } },
};
const pending: PendingChange[] = [
  { node: 1, path: '/a\nb', kind: 'file', change: 'update', state: 'waiting', size: 1, attempts: 0, dueAt: 0 },
  { node: 2, path: '/gone', kind: 'file', change: 'delete', state: 'waiting', size: 0, attempts: 0, dueAt: 0 },
];
const problems: Problem[] = [{ at: 0, kind: 'conflict', path: '/c', message: 'kept both' }];

class FakeStore implements LiveStore {
  readonly cache: LiveStore['cache'];
  readonly user: string;
  readonly #events: string[];

  constructor({ settings }: Configuration, events: string[]) {
    this.user = settings['user']!;
    this.#events = events;
    const tree = { name: this.user } as unknown as NodeTree;
    this.cache = { tree, statistics: () => statistics, pending: () => pending, problems: () => problems };
  }

  async close(): Promise<void> {
    this.#events.push(`close ${this.user}`);
  }
}

/** A control whose every step is written down; opening fails for the users in `refused`. */
function makeControl() {
  const events: string[] = [];
  const refused = new Set<string>();
  const errors: string[] = [];
  const control = new LiveControl<FakeStore>({
    example: '# example',
    parse: (text, inForce) => parseConfiguration(text, { providers, environment: {}, inForce }),
    open: async (configuration) => {
      await new Promise(setImmediate);
      events.push(`open ${configuration.settings['user']} ${configuration.uploadDelay}`);
      if (refused.has(configuration.settings['user']!) || refused.has(String(configuration.uploadDelay)))
        throw new Error(`wrong password "hunter2"`);
      return new FakeStore(configuration, events);
    },
    check: async ({ settings }) => {
      events.push(`check ${settings['user']}`);
      if (refused.has(`check ${settings['user']}`)) throw new Error('login refused');
    },
    attach: (tree) => events.push(`attach ${(tree as unknown as { name: string } | undefined)?.name ?? 'nothing'}`),
    passthrough: () => ({ on: false, why: 'it is a test' }),
    onStop: () => events.push('stop'),
    onError: (message) => errors.push(message),
  });
  return { control, events, refused, errors };
}

describe('LiveControl', () => {
  it('shows an example, and figures that say so, until it is configured', () => {
    const { control } = makeControl();
    assert.equal(control.configuration(), '# example');
    assert.match(control.statistics(), /not configured/);
    assert.equal(control.errors(), '');
    assert.equal(control.notUploaded(), '');
  });

  it('shows the configuration in force without its secrets', async () => {
    const { control } = makeControl();
    await control.configure(textFor('me'));
    assert.equal(control.configuration(), textFor('me').replace('hunter2', mask));
  });

  it('takes back what it showed, with a change', async () => {
    const { control, events } = makeControl();
    await control.configure(textFor('me'));
    await control.configure(control.configuration().replace('[auth]', 'cache = 7\n[auth]'));
    assert.equal(control.store?.user, 'me');
    assert.equal(control.configurationInForce?.settings['password'], 'hunter2');
    assert.ok(events.includes('open me 7000'), events.join());
  });

  it('opens another account before it closes the one in force', async () => {
    const { control, events } = makeControl();
    await control.configure(textFor('me'));
    await control.configure(textFor('you'));
    assert.deepEqual(events, ['open me 60000', 'attach me', 'open you 60000', 'attach you', 'close me']);
  });

  it('closes the same cache before it opens it again, having checked the account', async () => {
    const { control, events } = makeControl();
    await control.configure(textFor('me'));
    events.length = 0;
    await control.configure(textFor('me', 'cache = 1\n'));
    assert.deepEqual(events, ['check me', 'attach nothing', 'close me', 'open me 1000', 'attach me']);
  });

  describe('a configuration that fails', () => {
    it('leaves the one in force, rejects, and is told in errors without secrets', async () => {
      const { control, events, refused, errors } = makeControl();
      await control.configure(textFor('me'));
      refused.add('you');
      await assert.rejects(control.configure(textFor('you')), { message: `wrong password "${mask}"` });
      assert.equal(control.store?.user, 'me');
      assert.deepEqual(events, ['open me 60000', 'attach me', 'open you 60000']);
      assert.match(
        control.errors(),
        /The configuration was refused 0 seconds ago.*\nDescription: wrong password "\*+"\n/,
      );
      assert.ok(errors.length === 1 && !errors[0]!.includes('hunter2'), errors.join());
    });

    it('is told with its line when it cannot be read', async () => {
      const { control } = makeControl();
      await assert.rejects(control.configure('[store]\nnaem = cloud\n'), { name: 'ConfigurationError', line: 2 });
      assert.match(control.errors(), /line 2: there is no key "naem" in \[store\] \(did you mean "name"\?\)/);
    });

    it('touches nothing when the check of the account fails', async () => {
      const { control, events, refused } = makeControl();
      await control.configure(textFor('me'));
      refused.add('check me');
      events.length = 0;
      await assert.rejects(control.configure(textFor('me', 'cache = 1\n')), /login refused/);
      assert.deepEqual(events, ['check me']);
    });

    it('brings the former one back when the same cache does not open', async () => {
      const { control, events, refused } = makeControl();
      await control.configure(textFor('me'));
      refused.add('1000');
      await assert.rejects(control.configure(textFor('me', 'cache = 1\n')), /wrong password/);
      assert.deepEqual(events.slice(-2), ['open me 60000', 'attach me']);
      assert.equal(control.configuration(), textFor('me').replace('hunter2', mask));
    });

    it('says so when the former one does not come back either', async () => {
      const { control, refused } = makeControl();
      await control.configure(textFor('me'));
      refused.add('me');
      await assert.rejects(control.configure(textFor('me', 'cache = 1\n')), (error: Error) => {
        assert.match(error.message, /^wrong password.*; nothing is configured now, .* failed too: wrong password/);
        return !error.message.includes('hunter2');
      });
      assert.equal(control.configuration(), '# example');
    });

    it('is forgotten when the next one is good', async () => {
      const { control } = makeControl();
      await assert.rejects(control.configure('nonsense'));
      await control.configure(textFor('me'));
      assert.doesNotMatch(control.errors(), /refused/);
    });
  });

  it('puts two that come at once in force one after the other', async () => {
    const { control, events } = makeControl();
    await Promise.all([control.configure(textFor('me')), control.configure(textFor('you'))]);
    assert.equal(control.store?.user, 'you');
    assert.deepEqual(events, ['open me 60000', 'attach me', 'open you 60000', 'attach you', 'close me']);
  });

  it('closes after what is being configured, and takes nothing more', async () => {
    const { control, events } = makeControl();
    const configuring = control.configure(textFor('me'));
    while (events.length === 0) await new Promise(setImmediate);
    await Promise.all([configuring, control.close()]);
    await assert.rejects(control.configure(textFor('me')), /is being stopped/);
    assert.deepEqual(events, ['open me 60000', 'attach me', 'attach nothing', 'close me']);
  });

  it('tells what happened, in the words of the original', async () => {
    const { control } = makeControl();
    await control.configure(textFor('me'));
    const lines = control.statistics().split('\n');
    for (const line of [
      '0.50 MB/s download rate',
      '2.00 MB/s upload rate',
      '12.35 MB uploaded',
      '1.00 MB downloaded',
      '4 cache misses',
      '7 cache hits',
      '3.00 MB of cached data',
      'online',
      '1 file to upload (2.50 MB), 1 change to send',
    ])
      assert.ok(lines.includes(line), `${line}\n${lines.join('\n')}`);
    assert.equal(
      control.errors(),
      `Unavailable occurred 2 times. Last occurrence: 0 seconds ago.\nDescription: no ${mask} today (/a)\n\n1970-01-01T00:00:00.000Z conflict /c: kept both\n`,
    );
    assert.equal(control.notUploaded(), '/a\\nb\n');
  });

  it('passes a stop on', () => {
    const { control, events } = makeControl();
    control.stop();
    assert.deepEqual(events, ['stop']);
  });
});
