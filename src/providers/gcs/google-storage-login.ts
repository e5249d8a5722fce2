import type { ProviderLogin } from '../../http/oauth/provider-login.ts';
import { beginGoogleLogin, finishGoogleLogin, googleClientOf, googleQuestions } from '../google/google-page.ts';

/** Reading and writing what lies in buckets (https://cloud.google.com/storage/docs/oauth-scopes). */
const storageScope = 'https://www.googleapis.com/auth/devstorage.read_write';

/** `cloudfusion login gcs`. `tokenUrl` is for tests. */
export function googleStorageLogin(tokenUrl?: string): ProviderLogin {
  return {
    service: 'Google',
    questions: googleQuestions,
    page: {
      redirects: true,
      begin: (given, redirect = '') => beginGoogleLogin(googleClientOf(given), redirect, storageScope),
    },
    finish: async (given, consent, { http, signal }) => {
      const proof = consent as NonNullable<typeof consent>;
      const asked = { scope: storageScope, what: 'the buckets of Google Cloud Storage', tokenUrl, signal };
      const { refreshToken, expires } = await finishGoogleLogin(http, googleClientOf(given), proof, asked);
      const { id = '', secret = '' } = given;
      return { settings: { id, secret, refresh_token: refreshToken }, account: undefined, expires };
    },
  };
}
