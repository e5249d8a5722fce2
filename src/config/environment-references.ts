import { ConfigurationError } from './configuration-error.ts';

const reference = /\$(\$?)\{([^}]*\}?)/g;
const wholeReference = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;
const closedName = /^([A-Za-z_][A-Za-z0-9_]*)\}$/;

/**
 * Puts the value of the environment variable NAME in place of every `${NAME}`. `$${` stands for `${` itself; a `$` before
 * anything else is an ordinary character. Throws `ConfigurationError` for a variable that is not set, and for a broken reference.
 */
export function expandReferences(
  value: string,
  line: number,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return value.replace(reference, (whole: string, escape: string, rest: string) => {
    if (escape !== '') return whole.slice(1);
    const name = closedName.exec(rest)?.[1];
    if (name === undefined)
      throw new ConfigurationError(
        '"${" begins the name of an environment variable: write "$${" for the characters',
        line,
      );
    const found = Object.hasOwn(environment, name) ? environment[name] : undefined;
    if (found === undefined) throw new ConfigurationError(`the environment variable ${name} is not set`, line);
    return found;
  });
}

/** Whether a value is one reference and nothing else: then it tells where a secret is, and is none itself. */
export function isReference(value: string): boolean {
  return wholeReference.test(value);
}
