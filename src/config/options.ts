/** One key of the configuration file. The parser, the example and the table in the documentation are made from this list. */
export interface Option {
  readonly key: string;
  readonly section: 'store' | 'auth';
  /** Other names of the key; see `namesOf` for what counts when several are given. */
  readonly synonyms?: readonly string[];
  /** Seconds and megabytes (1,000,000 bytes) are numbers from 0, fractions allowed; numbers are whole; modes are permission bits in octal. */
  readonly type: 'text' | 'path' | 'seconds' | 'megabytes' | 'boolean' | 'level' | 'number' | 'mode' | 'rates';
  readonly required?: boolean;
  /** As it would stand in the file. */
  readonly default?: string;
  /** Never shown: not in errors, logs or control files. */
  readonly secret?: boolean;
  /** One or two sentences for the documentation. */
  readonly description: string;
}

/** How much is logged, from least to most. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

/** One of `logLevels`. */
export type LogLevel = (typeof logLevels)[number];

/** Every key that any store or the cache knows, in the order of the documentation. */
export const options: readonly Option[] = [
  {
    key: 'name',
    section: 'store',
    type: 'text',
    required: true,
    description: 'The service that keeps the files.',
  },
  {
    key: 'cache',
    section: 'store',
    type: 'seconds',
    default: '60',
    description: 'Time from the last change of a file to its upload. With 0 files are uploaded at once.',
  },
  {
    key: 'metadata_cache',
    section: 'store',
    type: 'seconds',
    default: '120',
    description: 'Time for which a directory that was listed is believed before the service is asked again.',
  },
  {
    key: 'timeout',
    section: 'store',
    type: 'seconds',
    default: '30',
    description:
      'Time after which a program that waits for the service gets `ETIMEDOUT`, counted from the last sign of life. A server that keeps silent for twice as long gets an upload anew.',
  },
  {
    key: 'upload_limit',
    section: 'store',
    type: 'rates',
    default: 'off',
    description:
      'How fast is uploaded, in bytes per second: a rate (`512k`, `10M`, `off`) or a timetable by local time, `08:00,512k 19:00,10M 23:00,off` or `Mon-08:00,512k Sat-00:00,off`, as `--bwlimit` of rclone. For services that are reached over HTTP.',
  },
  {
    key: 'download_limit',
    section: 'store',
    type: 'rates',
    default: 'off',
    description: 'How fast is downloaded, in the same form.',
  },
  {
    key: 'cache_size',
    section: 'store',
    type: 'megabytes',
    default: '5000',
    description:
      'Disk space for file contents. What is uploaded already is removed above it, least recently used first.',
  },
  {
    key: 'hard_cache_size_limit',
    section: 'store',
    type: 'megabytes',
    default: '10000',
    description:
      'Contents that wait for upload may fill the cache up to here; then writing is slowed down, and in the end refused.',
  },
  {
    key: 'prefetch',
    section: 'store',
    type: 'boolean',
    default: 'true',
    description:
      'Fetches the next small files of a directory in advance when several were read one after the other: at most 64 files and 8 MB that were not read yet. Turn it off where requests are paid for and files are read in this way but seldom all of them.',
  },
  {
    key: 'cache_id',
    section: 'store',
    type: 'text',
    description:
      'Name of the cache, a directory in `cache_dir`. By default it is made from the service and the account, so each account has its own.',
  },
  {
    key: 'cache_dir',
    section: 'store',
    type: 'path',
    description: 'Directory of the caches. By default `cloudfusion` in `$XDG_CACHE_HOME` or in `~/.cache`.',
  },
  {
    key: 'type',
    section: 'store',
    type: 'text',
    description: 'Packs small files into archives (`chunk`). Not available in this version.',
  },
  {
    key: 'max_chunk_size',
    section: 'store',
    type: 'megabytes',
    default: '4',
    description: 'Largest archive, where `type` asks for archives.',
  },
  {
    key: 'autoregister',
    section: 'store',
    type: 'boolean',
    default: 'false',
    description: 'Opens an account at the service first. Not available in this version.',
  },
  {
    key: 'log',
    section: 'store',
    type: 'level',
    description: 'Writes a log of this level into the cache directory: `error`, `warn`, `info` or `debug`.',
  },
  {
    key: 'enable_logging',
    section: 'store',
    type: 'boolean',
    default: 'false',
    description: 'The same as `log = info`.',
  },
  {
    key: 'enable_profiling',
    section: 'store',
    type: 'boolean',
    default: 'false',
    description: 'Writes a CPU profile into the cache directory when the mount ends.',
  },
  {
    key: 'allow_other',
    section: 'store',
    type: 'boolean',
    default: 'false',
    description: 'Lets other users of this computer use the mount. It takes effect when the mount begins.',
  },
  {
    key: 'write_through',
    section: 'store',
    type: 'boolean',
    default: 'false',
    description:
      'Closing a file, and `fsync`, wait until the service has it, and fail with the reason when it does not get it; nothing is lost then. `cache` counts as 0.',
  },
  {
    key: 'passthrough',
    section: 'store',
    type: 'boolean',
    default: 'true',
    description:
      'Lets the kernel read and write cached files by itself, where it can (Linux 6.9, root). `cloudfusion status` says whether it does.',
  },
  {
    key: 'uid',
    section: 'store',
    type: 'number',
    description: 'Owner of the files that come from the store, a user number. By default the user who mounts.',
  },
  {
    key: 'gid',
    section: 'store',
    type: 'number',
    description: 'Their group, a number. By default the group of the user who mounts.',
  },
  {
    key: 'umask',
    section: 'store',
    type: 'mode',
    default: '022',
    description:
      'Permission bits that files and directories from the store do not have, where the store tells no mode and `file_mode` and `dir_mode` are not given.',
  },
  {
    key: 'file_mode',
    section: 'store',
    type: 'mode',
    description: 'Permission bits of files of which the store tells no mode. By default `666` without `umask`.',
  },
  {
    key: 'dir_mode',
    section: 'store',
    type: 'mode',
    description: 'Permission bits of directories. By default `777` without `umask`.',
  },
  {
    key: 'strict_posix',
    section: 'store',
    type: 'boolean',
    default: 'false',
    description:
      'Refuses what the store cannot keep: other modes than the usual ones, owners, extended attributes (`ENOTSUP`). Otherwise they are kept on this computer alone.',
  },
  { key: 'user', section: 'auth', type: 'text', description: 'User name or e-mail address.' },
  { key: 'password', section: 'auth', type: 'text', secret: true, description: 'Password of the user.' },
  {
    key: 'id',
    section: 'auth',
    synonyms: ['access_key_id', 'aws_access_key_id', 'gs_access_key_id', 'consumer_key', 'client_id'],
    type: 'text',
    description: 'Identifier of the access key or of the application.',
  },
  {
    key: 'secret',
    section: 'auth',
    synonyms: [
      'private_access_key',
      'aws_secret_access_key',
      'gs_secret_access_key',
      'secret_access_key',
      'consumer_secret',
      'client_secret',
    ],
    type: 'text',
    secret: true,
    description: 'Secret part of the access key or of the application.',
  },
  {
    key: 'root',
    section: 'auth',
    type: 'text',
    description:
      'Where the files are kept: a directory of this computer for the local store, a folder of the service for others.',
  },
  { key: 'host', section: 'auth', type: 'text', description: 'Host of the service.' },
  { key: 'server_url', section: 'auth', type: 'text', description: 'Address of the service.' },
  { key: 'url', section: 'auth', type: 'text', description: 'Address of the WebDAV directory.' },
  {
    key: 'bucket_name',
    section: 'auth',
    type: 'text',
    default: 'cloudfusion',
    description:
      'Bucket of Amazon S3 or Google Cloud Storage. Bucket names are unique in the world: `cloudfusion uuid` proposes one.',
  },
];

/** All names of an option in the order in which they count: the specific ones first, as they always did. */
export function namesOf(option: Option): readonly string[] {
  return [...(option.synonyms ?? []), option.key];
}

/** The option that has this name, in lower case. */
export function optionCalled(name: string): Option | undefined {
  return options.find((option) => namesOf(option).includes(name));
}
