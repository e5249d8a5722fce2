import { createHash, randomUUID } from 'node:crypto';
import type { FakeAnswer, FakeRequest } from '../google-storage/fake-request.ts';

/** One app, one person who let it in, and the tokens that are good. */
export class DropboxLogins {
  readonly appKey: string = 'app-key';
  readonly appSecret: string = 'app-secret';
  refreshToken: string = 'refresh-token';
  /** Codes that were shown, each with its challenge; good once. */
  readonly codes: Map<string, string> = new Map();
  readonly #tokens: Set<string> = new Set();

  makeToken(): string {
    const token = `sl.${randomUUID()}`;
    this.#tokens.add(token);
    return token;
  }

  isGood(authorization: string | undefined): boolean {
    return this.#tokens.has(authorization?.replace(/^Bearer /, '') ?? '');
  }

  /** All access tokens end. */
  expire(): void {
    this.#tokens.clear();
  }
}

/** The token endpoint. */
export function answerDropboxToken(logins: DropboxLogins, { body }: FakeRequest): FakeAnswer {
  const form = new URLSearchParams(body.toString());
  const secret = form.get('client_secret');
  const isApp = form.get('client_id') === logins.appKey && (secret === null || secret === logins.appSecret);
  if (!isApp) return answer(400, { error: 'invalid_client', error_description: 'Invalid client_id or client_secret' });
  const granted = { access_token: logins.makeToken(), token_type: 'bearer', expires_in: 14400 };
  if (form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === logins.refreshToken)
    return answer(200, granted);
  const code = form.get('code') ?? '';
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (form.get('grant_type') === 'authorization_code' && logins.codes.get(code) === challenge) {
    logins.codes.delete(code);
    return answer(200, { ...granted, refresh_token: logins.refreshToken, account_id: 'dbid:anna' });
  }
  return answer(400, { error: 'invalid_grant', error_description: 'the token or code is invalid or revoked' });
}

function answer(status: number, fields: object): FakeAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) };
}
