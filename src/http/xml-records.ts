import { type IsRecord, type XmlElement, XmlReader } from './xml-reader.ts';

/**
 * Yields each element that `isRecord` chooses as soon as it is closed, and returns the root without them, so memory does not grow
 * with their number. A record within a record belongs to the outer one. The text is UTF-8; what is none becomes U+FFFD. Throws
 * `Unavailable` for a document that ends early, is no XML or a web page, or declares entities, and what `body` throws.
 */
export async function* xmlRecords(
  body: AsyncIterable<Uint8Array>,
  isRecord: IsRecord,
): AsyncGenerator<XmlElement, XmlElement> {
  const reader = new XmlReader(isRecord);
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    reader.write(decoder.decode(chunk, { stream: true }));
    yield* reader.takeRecords();
  }
  reader.write(decoder.decode());
  const root = reader.end();
  yield* reader.takeRecords();
  return root;
}
