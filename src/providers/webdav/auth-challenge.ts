/** One way in which a server lets itself be convinced, out of `WWW-Authenticate` (RFC 9110 section 11.6.1). */
export interface AuthChallenge {
  /** In lower case: `basic`, `digest`. */
  readonly scheme: string;
  /** By lower-case name, unquoted. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

/** All challenges of a header, which may stand in one line or have been joined from several by commas. */
export function parseChallenges(header: string): AuthChallenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header;
  for (;;) {
    rest = rest.replace(/^[\s,]+/, '');
    const parameter = parameterPattern.exec(rest);
    const current = challenges.at(-1);
    if (parameter?.[1] !== undefined && current !== undefined) {
      current.parameters[parameter[1].toLowerCase()] ??= valueOf(parameter[2] ?? '');
      rest = rest.slice(parameter[0].length);
      continue;
    }
    const scheme = schemePattern.exec(rest);
    if (scheme?.[1] === undefined) return challenges;
    challenges.push({ scheme: scheme[1].toLowerCase(), parameters: {} });
    rest = rest.slice(scheme[0].length);
  }
}

/** The parameters of a header without a scheme, such as `Authentication-Info` (RFC 7616 section 3.5). */
export function parseParameters(header: string): AuthChallenge['parameters'] {
  return parseChallenges(`none ${header}`)[0]?.parameters ?? {};
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameterPattern = new RegExp(`^(${token})\\s*=\\s*("(?:[^"\\\\]|\\\\.)*"|${token})(?=\\s*(?:,|$))`);
/** A scheme, with the opaque text that some have in place of parameters (`Negotiate abc==`). */
const schemePattern = new RegExp(`^(${token})(?:\\s+[A-Za-z0-9._~+/-]+=*(?=\\s*(?:,|$)))?`);

function valueOf(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}
