/** The conformance suite over the fake of Google Cloud Storage, by the JSON API. By the XML API it runs with the servers' tests. */
import { describe, it } from 'node:test';
import { testGoogleStorage } from '../../../test/fakes/google-storage/trial-store.ts';

testGoogleStorage({ describe, it }, 'JSON');
