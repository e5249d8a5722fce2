import { HttpClient } from '../../http/http-client.ts';
import { StoreError } from '../../store/errors.ts';
import { fixedKeys, type KeySource } from '../bucket/xml-protocol/access-keys.ts';
import { containerKeys, instanceKeys } from './metadata-keys.ts';
import { type FoundKeys, RenewedKeys } from './renewed-keys.ts';
import { keysOfProfile, profileName, sharedProfile } from './shared-files.ts';

/** Where keys may be. */
export interface KeyChainOptions {
  readonly id?: string | undefined;
  readonly secret?: string | undefined;
  readonly sessionToken?: string | undefined;
  /** Only this profile of the shared AWS files is looked at. */
  readonly profile?: string | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * The keys of an account: those that are given; of the profile that is given; or the first that are found in the environment,
 * the shared AWS files, and the metadata services of the container and the instance, as Amazon's own tools look for them.
 * Throws `Unauthenticated` for one half of a pair.
 */
export function keyChain(options: KeyChainOptions): KeySource {
  const { id, secret, sessionToken, profile, variables } = options;
  if (id !== undefined && secret !== undefined) return fixedKeys({ id, secret, sessionToken });
  if (id !== undefined || secret !== undefined) {
    const [given, missing] = id === undefined ? ['secret', 'id'] : ['id', 'secret'];
    throw new StoreError('Unauthenticated', { message: `there is a \`${given}\` but no \`${missing}\`; set both` });
  }
  return new RenewedKeys(() => (profile === undefined ? findKeys(variables) : keysOf(profile, variables)));
}

async function findKeys(variables: KeyChainOptions['variables']): Promise<FoundKeys> {
  const found = keysInEnvironment(variables) ?? (await keysInFiles(variables)) ?? (await keysOfMachine(variables));
  if (found !== undefined) return found;
  throw new StoreError('Unauthenticated', {
    message:
      'there are no keys: set `id` and `secret`, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ' +
      'or a profile in ~/.aws/credentials',
  });
}

async function keysOf(profile: string, variables: KeyChainOptions['variables']): Promise<FoundKeys> {
  const known = await sharedProfile(profile, variables);
  const keys = known === undefined ? undefined : await keysOfProfile(profile, known);
  if (keys !== undefined) return keys;
  const flaw = known === undefined ? 'there is no profile' : 'there are no keys in the profile';
  throw new StoreError('Unauthenticated', {
    message: `${flaw} "${profile}" in the shared AWS files; change \`profile\``,
  });
}

function keysInEnvironment(variables: KeyChainOptions['variables']): FoundKeys | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: sessionToken } = variables;
  return id === undefined || id === '' || secret === undefined || secret === ''
    ? undefined
    : { id, secret, sessionToken: sessionToken === '' ? undefined : sessionToken };
}

async function keysInFiles(variables: KeyChainOptions['variables']): Promise<FoundKeys | undefined> {
  const name = profileName(variables);
  const profile = await sharedProfile(name, variables);
  return profile === undefined ? undefined : await keysOfProfile(name, profile);
}

/** Metadata services are near or absent: nobody waits for them. */
async function keysOfMachine(variables: KeyChainOptions['variables']): Promise<FoundKeys | undefined> {
  const http = new HttpClient({ connections: 1, connectTimeout: 1000, headersTimeout: 5000 });
  try {
    return (await containerKeys(http, variables)) ?? (await instanceKeys(http, variables));
  } finally {
    await http.close();
  }
}
