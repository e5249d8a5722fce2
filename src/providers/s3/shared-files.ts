import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadSharedConfigFiles } from '@smithy/shared-ini-file-loader';
import { StoreError } from '../../store/errors.ts';
import { keysInDocument } from './key-document.ts';
import type { FoundKeys } from './renewed-keys.ts';

type Variables = Readonly<Record<string, string | undefined>>;
type Profile = Readonly<Record<string, string | undefined>>;

/** Longest time that `credential_process` may take: it may ask its user something. */
const processTime = 60_000;

/** The profile that the environment names. */
export function profileName(variables: Variables): string {
  return variables['AWS_PROFILE'] ?? variables['AWS_DEFAULT_PROFILE'] ?? 'default';
}

/** A profile of `~/.aws/credentials` and `~/.aws/config`, or undefined: neither has it. The former counts more. */
export async function sharedProfile(name: string, variables: Variables): Promise<Profile | undefined> {
  const directory = join(variables['HOME'] ?? homedir(), '.aws');
  const files = await loadSharedConfigFiles({
    filepath: variables['AWS_SHARED_CREDENTIALS_FILE'] ?? join(directory, 'credentials'),
    configFilepath: variables['AWS_CONFIG_FILE'] ?? join(directory, 'config'),
    // Tools renew the keys in these files.
    ignoreCache: true,
  });
  const [configured, credentials] = [files.configFile[name], files.credentialsFile[name]];
  return configured === undefined && credentials === undefined ? undefined : { ...configured, ...credentials };
}

/**
 * The keys of a profile, its own or those that its `credential_process` prints. Undefined: it has none. Throws `Unauthenticated`
 * for one that leads to keys on a way that is not known here.
 */
export async function keysOfProfile(name: string, profile: Profile): Promise<FoundKeys | undefined> {
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: sessionToken } = profile;
  if (id !== undefined && secret !== undefined && profile['role_arn'] === undefined)
    return { id, secret, sessionToken };
  const command = profile['credential_process'];
  if (command !== undefined) return await keysOfProcess(name, command);
  const way = ['role_arn', 'sso_session', 'sso_start_url', 'login_session'].find((key) => profile[key] !== undefined);
  if (way === undefined) return undefined;
  const message =
    `the profile "${name}" gets its keys by \`${way}\`, which is not known here; ` +
    `give it \`credential_process = aws configure export-credentials --profile ${name}\` in a profile of its own`;
  throw new StoreError('Unauthenticated', { message });
}

async function keysOfProcess(name: string, command: string): Promise<FoundKeys> {
  const origin = `the \`credential_process\` of the profile "${name}"`;
  let output: string;
  try {
    output = (await promisify(execFile)('/bin/sh', ['-c', command], { timeout: processTime })).stdout;
  } catch {
    // What it printed may hold secrets.
    throw new StoreError('Unauthenticated', { message: `${origin} failed` });
  }
  return keysInDocument(output, origin);
}
