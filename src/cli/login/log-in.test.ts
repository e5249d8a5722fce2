import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { trialDrive } from '../../../test/fakes/google-drive/trial-drive.ts';
import { anna } from '../../../test/fakes/google-drive/google-drive-fake.ts';
import { HttpClient } from '../../http/http-client.ts';
import type { FinishedLogin } from '../../http/oauth/provider-login.ts';
import { driveLogin } from '../../providers/google-drive/google-drive-login.ts';
import { isStoreError } from '../../store/errors.ts';
import { CommandError } from '../command-error.ts';
import { logIn, type LogInParts } from './log-in.ts';
import type { AskOptions, Person } from './prompt.ts';

const limit = { timeout: 30_000 };

/** Somebody who does `read` with the page, where he is shown one, and answers questions in turn. */
class Scripted implements Person {
  readonly told: string[] = [];
  page: URL | undefined;
  readonly #answers: (string | ((page: URL) => string))[];

  constructor(...answers: (string | ((page: URL) => string))[]) {
    this.#answers = answers;
  }

  tell(line: string): void {
    this.told.push(line);
    const url = /https:\S+/.exec(line)?.[0];
    if (url !== undefined) this.page = new URL(url);
  }

  async ask(_question: string, { signal }: AskOptions = {}): Promise<string> {
    const answer = this.#answers.shift();
    if (answer !== undefined) return typeof answer === 'string' ? answer : answer(this.page as URL);
    return await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  }
}

type Answer = Readonly<Record<string, string>>;

/** The address to which the service sends the browser. */
function lastPage(page: URL, answer: Answer): string {
  const address = new URL(page.searchParams.get('redirect_uri') ?? '');
  const state = page.searchParams.get('state') ?? '';
  for (const [key, value] of Object.entries({ state, ...answer })) address.searchParams.set(key, value);
  return address.href;
}

interface Attempt {
  readonly person: Scripted;
  readonly login: Promise<FinishedLogin>;
  /** What the browser showed. */
  readonly shown: Promise<string>[];
}

/** A login at a Drive that knows the code `good`; the browser brings these answers, one after the other. */
async function attempt(
  work: (begin: (person: Scripted, answers: readonly Answer[], more?: Partial<LogInParts>) => Attempt) => Promise<void>,
): Promise<void> {
  await using trial = await trialDrive();
  const { accounts, origin } = trial.fake;
  const consent = accounts.makeConsent(anna);
  const http = new HttpClient();
  const begin = (person: Scripted, answers: readonly Answer[], more: Partial<LogInParts> = {}): Attempt => {
    const shown: Promise<string>[] = [];
    const openPage = (url: string): void => {
      const page = new URL(url);
      const challenge = page.searchParams.get('code_challenge') ?? '';
      accounts.codes.set('good', { consent, challenge, redirect: page.searchParams.get('redirect_uri') ?? '' });
      for (const answer of answers) shown.push(fetch(lastPage(page, answer)).then((response) => response.text()));
    };
    const given = { id: consent.clientId, secret: consent.clientSecret };
    const login = driveLogin({ tokenUrl: `${origin}/token`, endpoint: origin });
    return { person, shown, login: logIn({ login, given, person, http, openPage, ...more }) };
  };
  try {
    await work(begin);
  } finally {
    await http.close();
  }
}

function says(text: RegExp) {
  return (error: unknown): boolean => error instanceof CommandError && text.test(error.message);
}

describe('a login by a page', () => {
  it('is finished by the browser, which is told so', limit, async () => {
    await attempt(async (begin) => {
      const { login, shown } = begin(new Scripted(), [{ code: 'good' }]);
      const { account, settings, expires } = await login;
      assert.deepEqual([account, expires], ['anna@example.com', undefined]);
      assert.deepEqual(Object.keys(settings).toSorted(), ['id', 'refresh_token', 'secret']);
      assert.match((await shown[0]) ?? '', /has its answer/);
    });
  });

  it('is finished by the address that the person pastes', limit, async () => {
    await attempt(async (begin) => {
      const person = new Scripted('what?', (page) => lastPage(page, { code: 'good' }));
      assert.equal((await begin(person, []).login).account, 'anna@example.com');
      assert.ok(person.told.includes('That is not the address that belongs to this attempt.'));
    });
  });

  it('does not listen to who has another state', limit, async () => {
    await attempt(async (begin) => {
      const { login, shown } = begin(new Scripted(), [{ code: 'evil', state: 'guessed' }, { code: 'good' }]);
      assert.equal((await login).account, 'anna@example.com');
      assert.match((await shown[0]) ?? '', /Nothing is here/);
    });
  });

  it('that is denied says so, here and in the browser', limit, async () => {
    await attempt(async (begin) => {
      const { login, shown } = begin(new Scripted(), [{ error: 'access_denied' }]);
      await assert.rejects(login, says(/consent was refused/));
      assert.match((await shown[0]) ?? '', /was not let in/);
    });
  });

  it('with a code that is none says what to do', limit, async () => {
    await attempt(async (begin) => {
      const { login } = begin(new Scripted(), [{ code: 'bad' }]);
      await assert.rejects(login, (error) => isStoreError(error, 'Unauthenticated') && !error.message.includes('bad'));
    });
  });

  it('that nobody finishes ends by itself', limit, async () => {
    await attempt(async (begin) => {
      await assert.rejects(begin(new Scripted(), [], { patience: 50 }).login, says(/nobody consented in time/));
    });
  });

  it('names a port that is in use', limit, async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await attempt(async (begin) => {
      const { login } = begin(new Scripted(), [], { port });
      await assert.rejects(login, says(new RegExp(`port ${port} is in use: choose another one with --port`)));
    });
    other.close();
  });

  it('asks for what is not known, and refuses nothing', limit, async () => {
    await attempt(async (begin) => {
      await assert.rejects(begin(new Scripted('client', ''), [], { given: {} }).login, says(/nothing was entered/));
    });
  });
});
