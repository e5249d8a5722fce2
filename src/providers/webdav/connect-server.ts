import type { HttpClient } from '../../http/http-client.ts';
import { retrying } from '../../http/retry.ts';
import { isStoreError, StoreError } from '../../store/errors.ts';
import { Authorization } from './authorization.ts';
import { type DavAnswer, DavConnection, mayKnowPassword } from './dav-connection.ts';
import { failureOf } from './dav-failure.ts';
import { isPatched, removal } from './dav-metadata.ts';
import { namesOfHref } from './dav-path.ts';
import { DavServer, isDone, type ServerFacts } from './dav-server.ts';
import type { Credentials } from './digest-session.ts';
import { type DavResource, multistatus, propfindOf } from './multistatus.ts';
import type { Place } from './redirect.ts';
import { isNextcloudPath, type ServerTraits, traitsOf } from './server-traits.ts';

/** Where a server is, and who asks. */
export interface ServerAddress {
  /** The root, without a slash at its end. */
  readonly root: Place;
  readonly credentials: Credentials | undefined;
}

/**
 * Finds the root and what kind of server keeps it. A root that is missing is made, where the directory that it is to be in
 * exists. Throws a `StoreError` that names what to change: user, password, or the address.
 */
export async function connectServer(http: HttpClient, address: ServerAddress): Promise<DavServer> {
  return await retrying(() => connectOnce(http, address));
}

async function connectOnce(http: HttpClient, { root, credentials }: ServerAddress): Promise<DavServer> {
  const authorization = new Authorization(credentials);
  const first = new DavConnection(http, root.origin, authorization);
  const answer = await rootAnswer(first, root);
  const place = { origin: answer.place.origin, path: answer.place.path.replace(/\/+$/, '') };
  const self = await rootResource(answer, root);
  const isOurs = mayKnowPassword(place.origin, root.origin);
  const connection = new DavConnection(http, place.origin, isOurs ? authorization : new Authorization(undefined));
  const traits = await traitsAt(connection, place.path, answer);
  const facts: ServerFacts = {
    home: place,
    rootNames: self.names ?? namesOfHref(place.path) ?? [],
    traits,
    uploads: uploadsOf(place.path, self),
    keepsProperties: await keepsPropertiesAt(connection, place.path),
  };
  return new DavServer(connection, facts);
}

async function rootAnswer(connection: DavConnection, root: Place): Promise<DavAnswer> {
  const first = await askForRoot(connection, root);
  if (first.status !== 404) return first;
  await first.body.discard();
  await makeRoot(connection, root);
  return await askForRoot(connection, root);
}

async function askForRoot(connection: DavConnection, root: Place): Promise<DavAnswer> {
  const headers = { depth: '0', 'content-type': 'application/xml; charset=utf-8' };
  const body = propfindOf('<resourcetype/><getetag/><current-user-principal/>');
  return await connection.send({ method: 'PROPFIND', path: `${root.path}/`, headers, body });
}

/** Only the last directory: a whole path that is missing is more likely a wrong address. */
async function makeRoot(connection: DavConnection, root: Place): Promise<void> {
  const made = await connection.send({ method: 'MKCOL', path: `${root.path}/` });
  await made.body.discard();
  if (isDone(made) || made.status === 405) return;
  const message = `there is no WebDAV directory at ${addressOf(root)}, and none could be made there (${made.status}): check the path in url`;
  throw new StoreError('NotFound', { message });
}

async function rootResource(answer: DavAnswer, root: Place): Promise<DavResource> {
  if (!isDone(answer)) throw await noRoot(answer, root);
  let self: DavResource | undefined;
  for await (const resource of multistatus(answer)) self ??= resource;
  if (self === undefined)
    throw new StoreError('Unavailable', { message: `the server says nothing about ${addressOf(root)}` });
  if (self.kind === 'file')
    throw new StoreError('NotADirectory', { message: `${addressOf(root)} is a file: url names a directory` });
  return self;
}

async function noRoot(answer: DavAnswer, root: Place): Promise<StoreError> {
  const failure = await failureOf(answer);
  const isNoDav = [400, 404, 405, 410, 501].includes(answer.status);
  const message = isNoDav
    ? `there is no WebDAV at ${addressOf(root)} (${answer.status}): check url, and whether it takes http or https`
    : `${addressOf(root)}: ${failure.detail}`;
  return new StoreError(isNoDav ? 'Unsupported' : failure.code, { message, retryAfter: failure.retryAfter });
}

/** By OPTIONS; a server that refuses it has told in its first answer what it tells at all. */
async function traitsAt(connection: DavConnection, path: string, first: DavAnswer): Promise<ServerTraits> {
  if (isNextcloudPath(path)) return traitsOf(path, first.headers);
  const answer = await connection.send({ method: 'OPTIONS', path: `${path}/` });
  await answer.body.discard();
  return traitsOf(path, isDone(answer) ? answer.headers : first.headers);
}

/**
 * Whether files may have properties of ours: the root is asked to remove one that it does not have. That changes nothing, and
 * RFC 4918 (section 14.23) has it succeed wherever such properties are kept. What is refused may be refused to this user only.
 */
async function keepsPropertiesAt(connection: DavConnection, path: string): Promise<boolean> {
  const headers = { 'content-type': 'application/xml; charset=utf-8' };
  try {
    return await isPatched(await connection.send({ method: 'PROPPATCH', path: `${path}/`, headers, body: removal }));
  } catch (error) {
    // Who may only read is asked for a password here, and else nowhere.
    if (isStoreError(error) && !error.retryable) return false;
    throw error;
  }
}

/** The user's folder for chunks (Nextcloud: Chunked file upload v2), by the user's name in the principal or in the address. */
function uploadsOf(path: string, self: DavResource): string | undefined {
  const installation = /^(.*\/remote\.php)\/(?:webdav|dav\/files\/([^/]+))/.exec(path);
  if (installation === null) return undefined;
  const principal = self.properties.find(({ name }) => name === 'current-user-principal');
  const href = principal?.children.find(({ name }) => name === 'href')?.text.trim();
  const user = href?.split('/').findLast((name) => name !== '') ?? installation[2];
  return user === undefined ? undefined : `${installation[1]}/dav/uploads/${user}`;
}

function addressOf({ origin, path }: Place): string {
  return `${origin}${path}/`;
}
