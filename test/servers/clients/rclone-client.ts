import { type ClientEntry, ClientFolder } from './client-folder.ts';

/** Where rclone shall work. */
export type RcloneRemote = RcloneS3 | RcloneDav | RcloneGoogle;

interface RcloneS3 {
  readonly kind: 's3';
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region?: string;
}

/** rclone knows no Digest. */
interface RcloneDav {
  readonly kind: 'webdav';
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** `nextcloud` and `owncloud` make it keep modification times. */
  readonly vendor?: 'other' | 'nextcloud' | 'owncloud';
}

interface RcloneGoogle {
  readonly kind: 'gcs';
  /** As `--gcs-endpoint` takes it. */
  readonly endpoint: string;
  /** The bearer token that it sends; without one it comes as nobody. */
  readonly accessToken?: string;
  readonly project?: string;
}

/** More of rclone's settings. */
export interface RcloneSettings {
  /** Which characters of names rclone replaces (`--s3-encoding`); `None` shows names as they are. */
  readonly encoding?: string;
  /** A file (PEM) with the certificate to trust. */
  readonly certificate?: string;
}

/** rclone with one remote, whose paths begin with the bucket where there are buckets. */
export class RcloneClient implements AsyncDisposable {
  readonly #folder: ClientFolder;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: ClientFolder, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  /** Writes the configuration for a remote. */
  static async make(remote: RcloneRemote, settings: RcloneSettings = {}): Promise<RcloneClient> {
    const folder = await ClientFolder.make('rclone');
    const options = await optionsOf(remote, folder);
    if (settings.encoding !== undefined) options['encoding'] = settings.encoding;
    const lines = Object.entries(options).map(([name, value]) => `${name} = ${value}\n`);
    const env: NodeJS.ProcessEnv = {
      RCLONE_CONFIG: await folder.file('rclone.conf', `[remote]\n${lines.join('')}`),
      RCLONE_RETRIES: '1',
      RCLONE_LOW_LEVEL_RETRIES: '1',
      ...(settings.certificate !== undefined && { RCLONE_CA_CERT: settings.certificate }),
    };
    return new RcloneClient(folder, env);
  }

  /** What is in a directory, or with `recursive` in its whole subtree, by path. */
  async list(path: string, options: { recursive?: boolean } = {}): Promise<ClientEntry[]> {
    const recursive = options.recursive === true ? ['--recursive'] : [];
    const listed = JSON.parse((await this.run('lsjson', ...recursive, remote(path))).toString()) as Listed[];
    return listed
      .map(({ Path, IsDir, Size, ModTime }): ClientEntry => {
        return { kind: IsDir ? 'directory' : 'file', path: Path, size: IsDir ? 0 : Size, modified: new Date(ModTime) };
      })
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The content of a file. */
  async cat(path: string): Promise<Buffer> {
    return await this.run('cat', remote(path));
  }

  /** Writes a file. */
  async write(path: string, content: string | Uint8Array): Promise<void> {
    await this.#folder.run('rclone', ['rcat', remote(path)], { input: content, env: this.#env });
  }

  /** Copies a file of this machine to `path`, with its modification time. */
  async copyTo(file: string, path: string): Promise<void> {
    await this.run('copyto', file, remote(path));
  }

  /** Copies the file at `path` to a file of this machine, with its modification time. */
  async copyFrom(path: string, file: string): Promise<void> {
    await this.run('copyto', remote(path), file);
  }

  /** Makes a directory, or a bucket. */
  async makeDirectory(path: string): Promise<void> {
    await this.run('mkdir', remote(path));
  }

  /** Removes a file. */
  async delete(path: string): Promise<void> {
    await this.run('deletefile', remote(path));
  }

  /** Any other command; the remote is called `remote:`. */
  async run(...args: readonly string[]): Promise<Buffer> {
    return await this.#folder.run('rclone', args, { env: this.#env });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

interface Listed {
  readonly Path: string;
  readonly Size: number;
  readonly ModTime: string;
  readonly IsDir: boolean;
}

function remote(path: string): string {
  return `remote:${path}`;
}

async function optionsOf(remote: RcloneRemote, folder: ClientFolder): Promise<Record<string, string>> {
  if (remote.kind === 's3') return s3Options(remote);
  return remote.kind === 'gcs' ? googleOptions(remote) : await davOptions(remote, folder);
}

function s3Options({ endpoint, accessKey, secretKey, region = 'us-east-1' }: RcloneS3): Record<string, string> {
  const keys = { access_key_id: accessKey, secret_access_key: secretKey };
  return { type: 's3', provider: 'Other', endpoint, region, ...keys };
}

async function davOptions(
  { url, vendor = 'other', user, password }: RcloneDav,
  folder: ClientFolder,
): Promise<Record<string, string>> {
  const pass = (await folder.text('rclone', ['obscure', '-'], { input: password })).trim();
  return { type: 'webdav', url, vendor, user, pass };
}

function googleOptions({ endpoint, accessToken, project }: RcloneGoogle): Record<string, string> {
  const token = { access_token: accessToken, token_type: 'Bearer', expiry: '2100-01-01T00:00:00Z' };
  return {
    type: 'google cloud storage',
    endpoint,
    ...(accessToken === undefined ? { anonymous: 'true' } : { token: JSON.stringify(token) }),
    ...(project !== undefined && { project_number: project }),
  };
}
