import type { S3Keys } from '../s3-server.ts';
import { type ClientEntry, ClientFolder } from './client-folder.ts';

/** What `aws s3api list-objects-v2` answers. */
interface Listing {
  readonly Contents?: readonly { readonly Key: string; readonly Size: number; readonly LastModified: string }[];
}

/** The command line of AWS. */
export class AwsClient implements AsyncDisposable {
  readonly #folder: ClientFolder;
  readonly #endpoint: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: ClientFolder, endpoint: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#endpoint = endpoint;
    this.#env = env;
  }

  /** Writes the configuration for a server. */
  static async make({ endpoint, accessKey, secretKey }: S3Keys & { readonly endpoint: string }): Promise<AwsClient> {
    const folder = await ClientFolder.make('aws');
    const keys = `aws_access_key_id = ${accessKey}\naws_secret_access_key = ${secretKey}\n`;
    return new AwsClient(folder, endpoint, {
      AWS_SHARED_CREDENTIALS_FILE: await folder.file('credentials', `[default]\n${keys}`),
      AWS_CONFIG_FILE: await folder.file('config', '[default]\nregion = us-east-1\ns3 =\n  addressing_style = path\n'),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
      AWS_MAX_ATTEMPTS: '1',
    });
  }

  /** Makes a bucket. */
  async makeBucket(bucket: string): Promise<void> {
    await this.run('s3', 'mb', `s3://${bucket}`);
  }

  /** All files of a bucket, by key. */
  async list(bucket: string): Promise<ClientEntry[]> {
    const query = ['--bucket', bucket, '--output', 'json'];
    const answer = (await this.run('s3api', 'list-objects-v2', ...query)).toString();
    const { Contents = [] } = (answer.trim() === '' ? {} : JSON.parse(answer)) as Listing;
    return Contents.map(({ Key, Size, LastModified }): ClientEntry => {
      return { kind: 'file', path: Key, size: Size, modified: new Date(LastModified) };
    }).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The content of a file. */
  async cat(bucket: string, key: string): Promise<Buffer> {
    return await this.run('s3', 'cp', `s3://${bucket}/${key}`, '-');
  }

  /** Writes a file. */
  async write(bucket: string, key: string, content: string | Uint8Array): Promise<void> {
    const file = await this.#folder.file('upload', content);
    await this.run('s3', 'cp', '--no-progress', file, `s3://${bucket}/${key}`);
  }

  /** Removes a file. */
  async delete(bucket: string, key: string): Promise<void> {
    await this.run('s3', 'rm', `s3://${bucket}/${key}`);
  }

  /** Any other command. */
  async run(...args: readonly string[]): Promise<Buffer> {
    return await this.#folder.run('aws', ['--endpoint-url', this.#endpoint, ...args], { env: this.#env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
