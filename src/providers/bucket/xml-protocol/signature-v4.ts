import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { AccessKeys } from './access-keys.ts';

/** What a signature covers. */
export interface SignableRequest {
  readonly method: string;
  /** As they go over the wire: see `percent-encoding.ts`. */
  readonly path: string;
  readonly query: string;
  /** By lower-case name; all are signed, `host` and `x-amz-date` among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`. */
  readonly payload: string;
}

/** SHA-256 of nothing. */
export const emptyPayload = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Stands for the hash of a body that is not signed. */
export const unsignedPayload = 'UNSIGNED-PAYLOAD';

const keptKeys = 16;

/**
 * Signature Version 4 in the `Authorization` header, with the rules of S3: the path is encoded once and never normalised
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). The keys that are derived for a
 * day and a region are kept.
 */
export class SignatureV4 {
  readonly #service: string;
  readonly #derived = new Map<string, KeyObject>();

  /** `service` is part of what is signed: `"s3"`. */
  constructor(service: string) {
    this.#service = service;
  }

  /** The value of the header `Authorization`. The time is that of the header `x-amz-date`. */
  authorization(request: SignableRequest, keys: AccessKeys, region: string): string {
    const time = request.headers['x-amz-date'];
    if (time === undefined) throw new TypeError('a request is signed with its x-amz-date');
    const date = time.slice(0, 8);
    const scope = `${date}/${region}/${this.#service}/aws4_request`;
    const names = Object.keys(request.headers).sort();
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonicalRequest(request, names))}`;
    const signature = createHmac('sha256', this.#derive(keys.secret, date, region))
      .update(text)
      .digest('hex');
    return `AWS4-HMAC-SHA256 Credential=${keys.id}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  }

  #derive(secret: string, date: string, region: string): KeyObject {
    const name = `${date} ${region} ${secret}`;
    const known = this.#derived.get(name);
    if (known !== undefined) return known;
    const steps = [date, region, this.#service, 'aws4_request'];
    const bytes = steps.reduce<Buffer>(
      (key, step) => createHmac('sha256', key).update(step).digest(),
      Buffer.from(`AWS4${secret}`),
    );
    // Five times as fast to sign with as the bytes themselves.
    const derived = createSecretKey(bytes);
    if (this.#derived.size >= keptKeys) this.#derived.clear();
    this.#derived.set(name, derived);
    return derived;
  }
}

/** A time as `x-amz-date` tells it: `20130524T000000Z`. */
export function signingTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** What is hashed for the signature. `names` are those of the headers, sorted. */
export function canonicalRequest({ method, path, query, headers, payload }: SignableRequest, names: string[]): string {
  let lines = '';
  for (const name of names) lines += `${name}:${canonicalValue(headers[name] ?? '')}\n`;
  return `${method}\n${path}\n${query}\n${lines}\n${names.join(';')}\n${payload}`;
}

function canonicalValue(value: string): string {
  return value.trim().replaceAll(/\s+/g, ' ');
}
