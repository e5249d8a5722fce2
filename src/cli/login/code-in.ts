import { CommandError } from '../command-error.ts';

/** The code in a service's answer (RFC 6749, section 4.1.2). Throws `CommandError` for a refusal, and where there is none. */
export function codeIn(query: URLSearchParams): string {
  const error = query.get('error');
  if (error === 'access_denied')
    throw new CommandError('store', 'the consent was refused; run the command again to be asked again');
  if (error !== null)
    throw new CommandError('store', `the service refused: ${query.get('error_description') ?? error}`);
  const code = query.get('code');
  if (code === null || code === '') throw new CommandError('store', 'the service sent no code; run the command again');
  return code;
}

/**
 * The code in what a person pasted: the whole address that the browser could not open, or the code that the page showed. Undefined for
 * an address of another attempt, or none at all.
 */
export function pastedCode(text: string, state: string, redirects: boolean): string | undefined {
  const pasted = text.trim();
  if (/^https?:/i.test(pasted)) {
    const query = URL.canParse(pasted) ? new URL(pasted).searchParams : undefined;
    return query?.get('state') === state ? codeIn(query) : undefined;
  }
  return !redirects && pasted !== '' ? pasted : undefined;
}
