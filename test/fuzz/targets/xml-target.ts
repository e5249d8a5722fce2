import { ResponseBody } from '../../../src/http/response-body.ts';
import { parseXml } from '../../../src/http/xml.ts';
import { xmlRecords } from '../../../src/http/xml-records.ts';
import { readListing } from '../../../src/providers/bucket/xml-protocol/listed-files.ts';
import { resultIn } from '../../../src/providers/bucket/xml-protocol/service-fault.ts';
import { metadataIn } from '../../../src/providers/webdav/dav-metadata.ts';
import { entryOf, multistatus } from '../../../src/providers/webdav/multistatus.ts';
import { plainTarget, type FuzzTarget } from '../fuzz-target.ts';
import { mutated, oneOf } from '../mutation.ts';
import { asStoresDo, assertSound } from '../sound-answers.ts';

const samples: readonly Buffer[] = [
  `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>a/</Prefix><KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken><Contents><Key>a/b%20c</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified><ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>434234</Size><StorageClass>STANDARD</StorageClass></Contents><Contents><Key>a/d</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified><ETag>&quot;fba9dede5f27731c9771645a39863328-3&quot;</ETag><Size>0</Size></Contents><CommonPrefixes><Prefix>a/e/</Prefix></CommonPrefixes></ListBucketResult>`,
  `<Error><Code>PermanentRedirect</Code><Message>Use another endpoint</Message><Region>eu-west-1</Region><Endpoint>b.s3.amazonaws.com</Endpoint></Error>`,
  `<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>a</Key><UploadId>VXBsb2FkIElE</UploadId></InitiateMultipartUploadResult>`,
  `<CopyObjectResult><LastModified>2009-10-28T22:32:00.000Z</LastModified><ETag>"9b2cf535f27731c974343645a3985328"</ETag></CopyObjectResult>`,
  `<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code></Error></DeleteResult>`,
  `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:response><d:href>/dav/</d:href><d:propstat><d:prop><d:resourcetype><d:collection/></d:resourcetype><d:getlastmodified>Mon, 12 Jan 1998 09:25:56 GMT</d:getlastmodified></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response><d:response><d:href>/dav/a%20b</d:href><d:propstat><d:prop><d:getcontentlength>4525</d:getcontentlength><d:getetag>"zzyzx"</d:getetag><d:resourcetype/><m xmlns="urn:cloudfusion">{"mode":"100644"}</m></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat><d:propstat><d:prop><oc:x/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response></d:multistatus>`,
  `<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:exception>Sabre\\DAV\\Exception\\Locked</s:exception><s:message>locked</s:message></d:error>`,
].map((text) => Buffer.from(text));

/** The documents of S3 and WebDAV, in every way that they are read. */
export const xmlTarget: FuzzTarget = plainTarget({
  name: 'xml',
  share: 1,
  make: (random) => mutated(random, oneOf(random, samples), samples),
  async take(input) {
    const text = input.toString();
    await asStoresDo(() => parseXml(text));
    await asStoresDo(() => readListing(text));
    await asStoresDo(() => resultIn(text, 200));
    await asStoresDo(() => Array.fromAsync(xmlRecords(inPieces(input), (_name, _namespace, depth) => depth === 1)));
    await asStoresDo(async () => {
      const answer = { status: 207, headers: {}, body: new ResponseBody(streamOf(input)) };
      for await (const resource of multistatus(answer))
        assertSound(entryOf(resource, '/a', metadataIn(resource.properties)));
    });
  },
});

async function* inPieces(input: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < input.length; at += 97) yield input.subarray(at, at + 97);
}

function streamOf(input: Buffer): AsyncIterable<Uint8Array> & { dump(): Promise<void> } {
  return { [Symbol.asyncIterator]: () => inPieces(input), dump: async () => undefined };
}
