import type { HttpClient } from '../../http/http-client.ts';
import type { Authorization } from '../../http/oauth/authorization-code.ts';
import type { FinishedLogin, ProviderLogin } from '../../http/oauth/provider-login.ts';
import { CommandError } from '../command-error.ts';
import { pastedCode } from './code-in.ts';
import type { Person } from './prompt.ts';
import { RedirectListener } from './redirect-listener.ts';

/** What a login needs. */
export interface LogInParts {
  readonly login: ProviderLogin;
  /** What is known already, by the keys of the questions. */
  readonly given: Readonly<Record<string, string>>;
  readonly person: Person;
  readonly http: Pick<HttpClient, 'send'>;
  /** The port of 127.0.0.1 to which the service sends the browser. @default any */
  readonly port?: number | undefined;
  /** Shows the page to the person. */
  readonly openPage?: ((page: string) => void) | undefined;
  /** Milliseconds for which the person may take his time. @default 600_000 */
  readonly patience?: number | undefined;
}

/** Walks a person through a login. Throws `CommandError` and `StoreError`, both in words that say what to do; nothing is kept then. */
export async function logIn(parts: LogInParts): Promise<FinishedLogin> {
  const { login, http } = parts;
  const given = await answersOf(parts);
  if (login.page === undefined) return await login.finish(given, undefined, { http });
  await using listener = login.page.redirects ? await RedirectListener.open(parts.port ?? 0) : undefined;
  const begun = login.page.begin(given, listener?.address);
  showPage(parts, begun);
  const code = await codeFrom(parts, begun, listener);
  return await login.finish(given, { begun, code }, { http });
}

async function answersOf({ login, given, person }: LogInParts): Promise<Record<string, string>> {
  const answers: Record<string, string> = { ...given };
  for (const { key, text, secret, exact } of login.questions) {
    if (answers[key] !== undefined) continue;
    const answer = await person.ask(`${text}: `, { secret, exact });
    if (answer === '') throw new CommandError('usage', `nothing was entered for "${text}"`);
    answers[key] = answer;
  }
  return answers;
}

function showPage({ login, person, openPage }: LogInParts, { url }: Authorization): void {
  person.tell(`Open this page in a browser, log in to ${login.service}, and allow the access:`);
  person.tell(`\n  ${url}\n`);
  openPage?.(url);
}

/** Whichever comes first: the browser, or what the person pastes. */
async function codeFrom(
  parts: LogInParts,
  begun: Authorization,
  listener: RedirectListener | undefined,
): Promise<string> {
  const { patience = 600_000 } = parts;
  const stop = new AbortController();
  const timer = setTimeout(() => {
    stop.abort(new CommandError('failed', 'nobody consented in time; run the command again'));
  }, patience);
  try {
    const pasted = pasteOf(parts, begun, listener !== undefined, stop.signal);
    pasted.catch(() => undefined);
    return await Promise.race(listener === undefined ? [pasted] : [listener.code(begun.state), pasted]);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

async function pasteOf(
  { person }: LogInParts,
  { state }: Authorization,
  redirects: boolean,
  signal: AbortSignal,
): Promise<string> {
  const question = redirects
    ? 'Is the browser on another computer? Paste the address of the page that it could not open: '
    : 'Paste the code that the page shows: ';
  for (;;) {
    const text = await orForEver(person.ask(question, { signal }), redirects, signal);
    const code = pastedCode(text, state, redirects);
    if (code !== undefined) return code;
    person.tell(redirects ? 'That is not the address that belongs to this attempt.' : 'That is no code.');
  }
}

/** Where the browser may still answer, nobody at the terminal is no failure. */
async function orForEver(answer: Promise<string>, mayWait: boolean, signal: AbortSignal): Promise<string> {
  try {
    return await answer;
  } catch (error) {
    if (!mayWait || signal.aborted) throw error;
    return await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  }
}
