import { StoreError } from '../store/errors.ts';

/** Which proxies requests go through. */
export interface ProxySettings {
  /** For requests by plain HTTP. */
  readonly http: string | undefined;
  /** For requests by TLS. */
  readonly https: string | undefined;
  /** Hosts that are reached directly, as in the variable `no_proxy`. */
  readonly direct: string;
}

/**
 * The proxies that the environment's variables name, by curl's rules: `http_proxy`, `https_proxy`, `all_proxy` for what these leave
 * open, `no_proxy`; in capitals too, where small letters win. Throws `Unsupported` for an address that is none; the message names
 * the variable, never its value, which may hold a password.
 */
export function proxySettings(variables: Readonly<Record<string, string | undefined>>): ProxySettings {
  const proxy = (name: string): string | undefined =>
    proxyIn(variables, name) ?? proxyIn(variables, name.toUpperCase());
  const others = proxy('all_proxy');
  return {
    http: proxy('http_proxy') ?? others,
    https: proxy('https_proxy') ?? others,
    direct: variables['no_proxy'] ?? variables['NO_PROXY'] ?? '',
  };
}

function proxyIn(variables: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = variables[name]?.trim() ?? '';
  if (value === '') return undefined;
  const address = value.includes('://') ? value : `http://${value}`;
  if (!isProxyAddress(address)) {
    const message = `the variable ${name} is not the address of a proxy (http://host:port, https:// or socks5://)`;
    throw new StoreError('Unsupported', { message });
  }
  return address;
}

function isProxyAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password } = new URL(address);
  try {
    decodeURIComponent(username + password);
  } catch {
    return false;
  }
  return ['http:', 'https:', 'socks5:'].includes(protocol);
}
