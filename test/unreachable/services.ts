import { HttpClient } from '../../src/http/http-client.ts';
import type { HttpRequest, HttpResponse } from '../../src/http/http-request.ts';
import { DropboxStore } from '../../src/providers/dropbox/dropbox-store.ts';
import { GoogleDriveStore } from '../../src/providers/google-drive/google-drive-store.ts';
import { GoogleStorageStore } from '../../src/providers/gcs/google-storage-store.ts';
import { parseServiceAccountKey } from '../../src/providers/google/service-account.ts';
import { S3Store } from '../../src/providers/s3/s3-store.ts';
import { SugarSyncStore } from '../../src/providers/sugarsync/sugarsync-store.ts';
import { WebdavStore } from '../../src/providers/webdav/webdav-store.ts';
import type { Store } from '../../src/store/store.ts';
import { DropboxFake } from '../fakes/dropbox/dropbox-fake.ts';
import { anna, GoogleDriveFake } from '../fakes/google-drive/google-drive-fake.ts';
import { GoogleStorageFake, owner } from '../fakes/google-storage/google-storage-fake.ts';
import { Gateway } from '../fakes/http/gateway.ts';
import { ScriptedS3 } from '../fakes/s3/scripted-s3.ts';
import { refusalPage } from '../fakes/sugarsync/sugar-refusal.ts';
import { SugarSyncFake } from '../fakes/sugarsync/sugarsync-fake.ts';
import { loginOf } from '../fakes/sugarsync/trial-sugar.ts';
import { WebdavFake } from '../fakes/webdav/webdav-fake.ts';

/** A service on loopback behind a gateway. */
export interface Service extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly client: RenamedClient;
  /** By way of the gateway. */
  readonly store: Store;
  /** Another store over the same service, at an address. */
  readonly open: (origin: string, http: HttpClient) => Store;
  /** Of the service itself. */
  readonly origin: string;
  /** Straight to the service. */
  readonly direct: Store;
  /** Tells of a request without a valid login, as the service does. */
  readonly refusal: { readonly status: 401 | 403; readonly headers?: Record<string, string>; readonly body?: string };
}

/** A client that can lose the name of its service. */
export class RenamedClient extends HttpClient {
  isNameKnown = true;

  override send(request: HttpRequest): Promise<HttpResponse> {
    return super.send(this.isNameKnown ? request : { ...request, origin: 'http://no-such-host.invalid' });
  }
}

const retry = { attempts: 2, firstDelay: 10 };

/** All of them, by name. Tests of WebDAV see both ways in which it writes: with what Nextcloud has, and without. */
export const services: Readonly<Record<string, () => Promise<Service>>> = {
  'amazon s3': async () => {
    const fake = await ScriptedS3.start();
    const options = { bucket: 'bucket', id: 'id', secret: 'secret', variables: {}, retry };
    const open = (origin: string, http?: HttpClient): Store => new S3Store({ ...options, endpoint: origin, http });
    const body = '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>';
    const refusal = { status: 403, headers: { 'content-type': 'application/xml' }, body } as const;
    return await behindGateway(fake.endpoint, open, refusal, () => fake[Symbol.asyncDispose]());
  },
  'google storage': async () => {
    const fake = await GoogleStorageFake.start();
    const key = JSON.stringify(fake.accounts.makeServiceAccount(owner, fake.origin));
    const open = (origin: string, http?: HttpClient): Store => {
      const credentials = { serviceAccount: parseServiceAccountKey(key, 'key.json') };
      return new GoogleStorageStore({ bucket: 'bucket-1', credentials, endpoint: origin, retry, variables: {}, http });
    };
    const body = '{"error":{"code":401,"message":"Invalid Credentials","errors":[{"reason":"authError"}]}}';
    const refusal = { status: 401, headers: { 'content-type': 'application/json' }, body } as const;
    return await behindGateway(fake.origin, open, refusal, () => fake.close());
  },
  dropbox: async () => {
    const fake = await DropboxFake.start();
    const { appKey, appSecret, refreshToken } = fake.logins;
    const open = (origin: string, http?: HttpClient): Store =>
      new DropboxStore({ appKey, appSecret, refreshToken, endpoint: origin, retry, variables: {}, http });
    const body = '{"error_summary":"expired_access_token/..","error":{".tag":"expired_access_token"}}';
    const refusal = { status: 401, headers: { 'content-type': 'application/json' }, body } as const;
    return await behindGateway(fake.origin, open, refusal, () => fake.close());
  },
  'google drive': async () => {
    const fake = await GoogleDriveFake.start();
    const key = JSON.stringify(fake.accounts.makeServiceAccount(anna, fake.origin));
    const open = (origin: string, http?: HttpClient): Store => {
      const credentials = { serviceAccount: parseServiceAccountKey(key, 'key.json') };
      return new GoogleDriveStore({ credentials, endpoint: origin, retry, variables: {}, http });
    };
    const body = '{"error":{"code":401,"message":"Invalid Credentials","errors":[{"reason":"authError"}]}}';
    const refusal = { status: 401, headers: { 'content-type': 'application/json' }, body } as const;
    return await behindGateway(fake.origin, open, refusal, () => fake.close());
  },
  sugarsync: async () => {
    const fake = await SugarSyncFake.start();
    const login = { ...loginOf(fake), root: 'Magic Briefcase' };
    const open = (origin: string, http?: HttpClient): Store =>
      new SugarSyncStore({ ...login, endpoint: origin, retry, variables: {}, http });
    const body = refusalPage(401, 'The request requires user authentication');
    const refusal = { status: 401, headers: { 'content-type': 'text/html' }, body } as const;
    return await behindGateway(fake.origin, open, refusal, () => fake.close());
  },
  'webdav, Nextcloud': () => webdav(true),
  'webdav, an unknown server': () => webdav(false),
};

async function webdav(isNextcloud: boolean): Promise<Service> {
  const fake = await WebdavFake.start({ isNextcloud });
  const path = new URL(fake.url).pathname;
  const open = (origin: string, http?: HttpClient): Store =>
    new WebdavStore({ url: origin + path, user: 'anna', password: 'secret', http });
  const refusal = { status: 401, headers: { 'www-authenticate': 'Basic realm="files"' } } as const;
  return await behindGateway(fake.origin, open, refusal, () => fake[Symbol.asyncDispose]());
}

async function behindGateway(
  origin: string,
  open: (origin: string, http?: HttpClient) => Store,
  refusal: Service['refusal'],
  stop: () => Promise<void>,
): Promise<Service> {
  const gateway = await Gateway.start(origin);
  const client = new RenamedClient({ timeout: 5000 });
  const direct = open(origin);
  return {
    gateway,
    client,
    open,
    origin,
    store: open(gateway.origin, client),
    direct,
    refusal,
    async [Symbol.asyncDispose]() {
      await direct.close();
      await gateway[Symbol.asyncDispose]();
      await stop();
    },
  };
}
