import type { S3Keys } from '../s3-server.ts';
import { type ClientEntry, ClientFolder } from './client-folder.ts';

/** s3cmd, which signs with version 4 and addresses buckets by path. */
export class S3cmdClient implements AsyncDisposable {
  readonly #folder: ClientFolder;
  readonly #configuration: string;

  private constructor(folder: ClientFolder, configuration: string) {
    this.#folder = folder;
    this.#configuration = configuration;
  }

  /** Writes the configuration for a server. */
  static async make({ endpoint, accessKey, secretKey }: S3Keys & { readonly endpoint: string }): Promise<S3cmdClient> {
    const folder = await ClientFolder.make('s3cmd');
    const { host, protocol } = new URL(endpoint);
    const configuration = await folder.file(
      's3cfg',
      `[default]
access_key = ${accessKey}
secret_key = ${secretKey}
host_base = ${host}
host_bucket = ${host}
bucket_location = us-east-1
use_https = ${protocol === 'https:' ? 'True' : 'False'}
progress_meter = False
`,
    );
    return new S3cmdClient(folder, configuration);
  }

  /** Makes a bucket. */
  async makeBucket(bucket: string): Promise<void> {
    await this.run('mb', `s3://${bucket}`);
  }

  /** All files of a bucket, by key. Times are exact to the minute. */
  async list(bucket: string): Promise<ClientEntry[]> {
    const listed = (await this.run('ls', '--recursive', `s3://${bucket}`)).toString();
    const lines = listed.split('\n').filter((line) => line !== '');
    return lines
      .map((line): ClientEntry => {
        const [, day, time, size, url] = /^(\S+) (\S+) +(\d+)  (.*)$/.exec(line) ?? [];
        if (url === undefined) throw new Error(`s3cmd lists what is no file: ${line}`);
        const path = url.slice(`s3://${bucket}/`.length);
        return { kind: 'file', path, size: Number(size), modified: new Date(`${day}T${time}Z`) };
      })
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The content of a file. */
  async cat(bucket: string, key: string): Promise<Buffer> {
    return await this.run('get', '--no-progress', `s3://${bucket}/${key}`, '-');
  }

  /** Writes a file. */
  async write(bucket: string, key: string, content: string | Uint8Array): Promise<void> {
    await this.run('put', await this.#folder.file('upload', content), `s3://${bucket}/${key}`);
  }

  /** Removes a file. */
  async delete(bucket: string, key: string): Promise<void> {
    await this.run('del', `s3://${bucket}/${key}`);
  }

  /** Any other command. */
  async run(...args: readonly string[]): Promise<Buffer> {
    return await this.#folder.run('s3cmd', ['--config', this.#configuration, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
