/** The conformance suite over the fake of Google Cloud Storage, by the XML API with an HMAC key. */
import { describe, it } from 'node:test';
import { testGoogleStorage } from '../fakes/google-storage/trial-store.ts';

testGoogleStorage({ describe, it }, 'XML');
