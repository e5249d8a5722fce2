import type { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { Authorities } from './authorities.ts';
import { isUntrusted } from './connection-error.ts';
import { nodeHttp } from './node-http.ts';
import { proxySettings } from './proxy-settings.ts';

/** Options of `Connections`. Times in milliseconds. */
export interface ConnectionOptions {
  readonly connections: number;
  readonly connectTimeout: number;
  readonly caFile?: string | undefined;
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
}

type Connect = buildConnector.connector;

/** The pools of connections, one for each host: direct, or through the proxies that the environment names. */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #authorities: Authorities;
  readonly #connect: Connect;
  readonly #plain: Dispatcher;
  readonly #encrypted: Dispatcher;
  readonly #waitingAgents: readonly [PlainAgent, TlsAgent];
  readonly #isProxied: { readonly http: boolean; readonly https: boolean };

  /** Throws `Unsupported` for a file of authorities or the address of a proxy that cannot be used. */
  constructor(options: ConnectionOptions) {
    const { caFile, variables = {} } = options;
    this.#options = options;
    this.#authorities = new Authorities(caFile ?? (variables['SSL_CERT_FILE'] || undefined));
    this.#connect = connector(this.#authorities, options.connectTimeout);
    const { http, https, direct } = proxySettings(variables);
    this.#isProxied = { http: http !== undefined, https: https !== undefined };
    this.#plain = this.#dispatcher(http, direct);
    this.#encrypted = http === https ? this.#plain : this.#dispatcher(https, direct);
    this.#waitingAgents = [
      connectingBy(this.#connect, new nodeHttp.Agent(agentOptions)),
      connectingBy(this.#connect, new TlsAgent(agentOptions)),
    ];
  }

  /** Sends requests to this origin. */
  dispatcher(origin: string): Dispatcher {
    return isEncrypted(origin) ? this.#encrypted : this.#plain;
  }

  /** Connections for `node:http` and `node:https`; `undefined` where there may be a proxy on the way. */
  agent(origin: string): PlainAgent | undefined {
    if (isEncrypted(origin)) return this.#isProxied.https ? undefined : this.#waitingAgents[1];
    return this.#isProxied.http ? undefined : this.#waitingAgents[0];
  }

  /** Ends all connections; requests under way fail. */
  async close(): Promise<void> {
    for (const agent of this.#waitingAgents) agent.destroy();
    await Promise.all([this.#plain.destroy(), this.#encrypted === this.#plain ? undefined : this.#encrypted.destroy()]);
  }

  #dispatcher(proxy: string | undefined, noProxy: string): Dispatcher {
    const { connections, connectTimeout } = this.#options;
    if (proxy === undefined) return new Agent({ connections, allowH2: false, connect: this.#connect });
    // Behind a proxy the library makes the connections, so all authorities are there from the start.
    const tls = { secureContext: this.#authorities.widen() };
    return new EnvHttpProxyAgent({
      httpProxy: proxy,
      httpsProxy: proxy,
      noProxy,
      connections,
      connectTimeout,
      allowH2: false,
      connect: this.#connect,
      requestTls: tls,
      proxyTls: tls,
      // Else a proxy that does not answer would be waited for for five minutes.
      clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: connectTimeout }),
    });
  }
}

const agentOptions = { keepAlive: true, scheduling: 'lifo', timeout: undefined } as const;

/** Tries again with the system's authorities before it believes that a certificate is not trusted. */
function connector(authorities: Authorities, timeout: number): Connect {
  const make = (secureContext: SecureContext): Connect => buildConnector({ timeout, allowH2: false, secureContext });
  const plain = buildConnector({ timeout });
  let encrypted: Connect | undefined;
  return (options, callback) => {
    if (options.protocol !== 'https:') return plain(options, callback);
    encrypted ??= make(authorities.context());
    encrypted(options, (...result) => {
      if (result[0] === null || authorities.isWide || !isUntrusted(result[0])) return callback(...result);
      encrypted = make(authorities.widen());
      encrypted(options, callback);
    });
  };
}

function connectingBy<T extends PlainAgent>(connect: Connect, agent: T): T {
  agent.createConnection = (options, callback) => {
    const host = options.host ?? '';
    const protocol = agent instanceof TlsAgent ? 'https:' : 'http:';
    connect({ hostname: host, host, protocol, port: String(options.port ?? '') }, (error, socket) =>
      callback?.(error, socket as Duplex),
    );
    return undefined;
  };
  return agent;
}

function isEncrypted(origin: string): boolean {
  return origin.startsWith('https:');
}
