/** The S3 store against OpenStack's server. */
import { testS3Server } from './s3-server-suite.ts';
import { startSwiftS3 } from './swift-s3.ts';

testS3Server({
  name: 'swift-s3',
  start: startSwiftS3,
  skip: [
    {
      test: 'readers see the old file or the new one, whole, while it is overwritten',
      reason: 'with one copy of each file, Swift answers 404 in the moment in which it replaces one',
    },
    {
      test: 'a file that is overwritten is never missing',
      reason: 'with one copy of each file, Swift answers 404 in the moment in which it replaces one',
    },
    {
      test: 'a directory of 2500 files is listed whole',
      reason: 'Swift needs minutes to take 5,000 files; 1,100, which are two pages, are listed below',
    },
    {
      test: 'deleteAll of 1100 files',
      reason: 'Swift deletes in a loop behind one request, which takes half a minute; fewer are deleted in other cases',
    },
    {
      test: 'as many bytes of metadata as the store takes are kept, and more are TooLarge',
      reason: 'Swift takes 256 bytes of each text, and does not tell what it refuses',
    },
  ],
});
