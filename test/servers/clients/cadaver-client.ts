import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClientEntry, ClientFolder } from './client-folder.ts';

/** cadaver, a WebDAV client on neon. Names may not have double quotes or backslashes: it cannot be told such. */
export class CadaverClient implements AsyncDisposable {
  readonly #folder: ClientFolder;
  readonly #url: string;

  private constructor(folder: ClientFolder, url: string) {
    this.#folder = folder;
    this.#url = url;
  }

  /** Writes the configuration for a server. */
  static async make({ url, user, password }: { url: string; user: string; password: string }): Promise<CadaverClient> {
    const folder = await ClientFolder.make('cadaver');
    await folder.file('.netrc', `machine ${new URL(url).hostname}\nlogin ${user}\npassword ${netrcWord(password)}\n`);
    return new CadaverClient(folder, url);
  }

  /** What is in a directory. */
  async list(path: string): Promise<ClientEntry[]> {
    const output = await this.run(`ls ${quoted(path)}`);
    return output
      .split('\n')
      .flatMap((line): ClientEntry[] => {
        const [, collection, name, size] = /^(Coll:|      ) {1,3}(.*?) +(\d+)  \w{3} +\d/.exec(line) ?? [];
        if (name === undefined) return [];
        return [{ kind: collection === 'Coll:' ? 'directory' : 'file', path: name, size: Number(size) }];
      })
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The content of a file. */
  async cat(path: string): Promise<Buffer> {
    await this.run(`get ${quoted(path)} download`);
    return await readFile(join(this.#folder.path, 'download'));
  }

  /** Writes a file. */
  async write(path: string, content: string | Uint8Array): Promise<void> {
    await this.#folder.file('upload', content);
    await this.run(`put upload ${quoted(path)}`);
  }

  /** Makes a directory. */
  async makeDirectory(path: string): Promise<void> {
    await this.run(`mkcol ${quoted(path)}`);
  }

  /** Removes a file. */
  async delete(path: string): Promise<void> {
    await this.run(`delete ${quoted(path)}`);
  }

  /**
   * Runs commands of cadaver, one a line; answers what it says.
   *
   * @throws {Error} when one of them fails, which its exit status does not tell.
   */
  async run(...commands: readonly string[]): Promise<string> {
    const said = await this.#folder.text('cadaver', [this.#url], { input: `${commands.join('\n')}\nquit\n` });
    if (/failed|Could not|Authentication/.test(said)) throw new Error(`cadaver says:\n${said}`);
    return said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

function quoted(name: string): string {
  return `"${name}"`;
}

function netrcWord(word: string): string {
  return `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
