import { readFile } from 'node:fs/promises';
import type { HttpClient } from '../../http/http-client.ts';
import type { HttpRequest } from '../../http/http-request.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { keysInDocument } from './key-document.ts';
import type { FoundKeys } from './renewed-keys.ts';

type Variables = Readonly<Record<string, string | undefined>>;
type Sender = Pick<HttpClient, 'send'>;

const containerService = 'http://169.254.170.2';
const instanceService = 'http://169.254.169.254';
const rolesPath = '/latest/meta-data/iam/security-credentials/';

/** Hosts that may be asked without encryption: this computer, and the link-local addresses of Amazon's ECS and EKS. */
const plainHosts: ReadonlySet<string> = new Set([
  'localhost',
  '127.0.0.1',
  '[::1]',
  '169.254.170.2',
  '169.254.170.23',
  '[fd00:ec2::23]',
]);

/**
 * The keys of the container that this process runs in, or undefined: it runs in none that has any
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html).
 */
export async function containerKeys(http: Sender, variables: Variables): Promise<FoundKeys | undefined> {
  const relative = variables['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const full = variables['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (relative === undefined && full === undefined) return undefined;
  const url = URL.parse(relative === undefined ? (full ?? '') : containerService + relative);
  if (url === null || (url.protocol !== 'https:' && !(url.protocol === 'http:' && plainHosts.has(url.hostname))))
    throw new StoreError('Unauthenticated', {
      message: 'AWS_CONTAINER_CREDENTIALS_FULL_URI names no host that may be asked',
    });
  const text = await ask(http, 'GetContainerCredentials', url.origin, url.pathname + url.search, {
    headers: { authorization: await containerToken(variables), accept: 'application/json' },
  });
  return keysInDocument(text, 'the metadata service of the container');
}

/**
 * The keys of the instance's role by IMDSv2, or undefined: this is no instance that has one
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html).
 */
export async function instanceKeys(http: Sender, variables: Variables): Promise<FoundKeys | undefined> {
  if (variables['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined;
  const origin = new URL(variables['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? instanceService).origin;
  try {
    const token = await ask(http, 'GetMetadataToken', origin, '/latest/api/token', {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' },
    });
    const headers = { 'x-aws-ec2-metadata-token': token.trim() };
    const roles = await ask(http, 'GetMetadataRole', origin, rolesPath, { headers });
    const role = roles.trim().split('\n')[0] ?? '';
    const text = await ask(http, 'GetMetadataCredentials', origin, rolesPath + encodeURIComponent(role), { headers });
    return keysInDocument(text, 'the metadata service of the instance');
  } catch (error) {
    // Not on an instance, or on one without a role.
    if (isStoreError(error, 'Unavailable') || isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function containerToken(variables: Variables): Promise<string | undefined> {
  const file = variables['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  if (file === undefined) return variables['AWS_CONTAINER_AUTHORIZATION_TOKEN'];
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new StoreError('Unauthenticated', {
      message: `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE cannot be read`,
      cause,
    });
  }
}

async function ask(
  http: Sender,
  operation: string,
  origin: string,
  path: string,
  request: Partial<HttpRequest>,
): Promise<string> {
  const answer = await http.send({ operation, method: 'GET', origin, path, ...request });
  const text = await answer.body.text(1 << 20);
  if (answer.status === 200) return text;
  if (answer.status === 404) throw new StoreError('NotFound', { message: `${origin} has no ${path}` });
  if (answer.status >= 500) throw new StoreError('Unavailable', { message: `${origin} answered ${answer.status}` });
  throw new StoreError('Unauthenticated', { message: `the metadata service refuses: it answered ${answer.status}` });
}
