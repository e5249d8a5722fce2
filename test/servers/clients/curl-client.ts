import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ClientFolder } from './client-folder.ts';

/** An answer as curl saw it. Header names are in lower case. */
export interface CurlAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A request for curl. */
export interface CurlRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** For whom curl asks. */
export interface CurlOptions {
  readonly user?: string;
  readonly password?: string;
  /** A file (PEM) with the certificate to trust. */
  readonly certificate?: string;
}

/** curl, which answers the server's challenge with the best method that both know. */
export class CurlClient implements AsyncDisposable {
  readonly #folder: ClientFolder;
  readonly #url: string;
  readonly #options: CurlOptions;

  private constructor(folder: ClientFolder, url: string, options: CurlOptions) {
    this.#folder = folder;
    this.#url = url;
    this.#options = options;
  }

  /** Paths of requests are added to `url` as they are. */
  static async make(url: string, options: CurlOptions = {}): Promise<CurlClient> {
    return new CurlClient(await ClientFolder.make('curl'), url, options);
  }

  /** Sends one request; an answer of any status is an answer. */
  async request(method: string, path: string, { headers = {}, body }: CurlRequest = {}): Promise<CurlAnswer> {
    const { user, password, certificate } = this.#options;
    const [headerFile, bodyFile] = [join(this.#folder.path, 'headers'), join(this.#folder.path, 'body')];
    const settings = {
      url: this.#url + path,
      'dump-header': headerFile,
      output: bodyFile,
      ...(method === 'HEAD' ? {} : { request: method }),
      ...(user !== undefined && { user: `${user}:${password ?? ''}` }),
      ...(certificate !== undefined && { cacert: certificate }),
      ...(body !== undefined && { 'data-binary': `@${await this.#folder.file('upload', body)}` }),
    };
    const flags = ['silent', 'show-error', 'path-as-is', 'globoff', 'anyauth', ...(method === 'HEAD' ? ['head'] : [])];
    const lines = [
      ...flags,
      ...Object.entries(settings).map(([name, value]) => `${name} = ${quoted(value)}`),
      ...Object.entries({ Expect: '', 'Content-Type': '', ...headers }).map(([name, value]) => {
        return `header = ${quoted(`${name}:${value === '' ? '' : ` ${value}`}`)}`;
      }),
    ];
    await this.#folder.file('body', '');
    await this.#folder.run('curl', ['--disable', '--config', '-'], { input: lines.join('\n') });
    const answer = { ...parseHead(await readFile(headerFile, 'latin1')), body: await readFile(bodyFile) };
    await Promise.all([rm(headerFile), rm(bodyFile)]);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** The last head: those before it are challenges and `100 Continue`. */
function parseHead(text: string): Pick<CurlAnswer, 'status' | 'headers'> {
  const [first = '', ...lines] = text.trimEnd().split('\r\n\r\n').at(-1)?.split('\r\n') ?? [];
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers) };
}
