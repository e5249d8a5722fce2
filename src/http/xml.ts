import { type XmlElement, XmlReader } from './xml-reader.ts';

export type { XmlElement } from './xml-reader.ts';

/**
 * The root of a small document. Throws `Unavailable` for what is no well-formed XML, for a web page, and for a document that
 * declares entities.
 */
export function parseXml(text: string): XmlElement {
  const reader = new XmlReader();
  // The decoder of an answer has taken a byte order mark away; a string from elsewhere may begin with one.
  reader.write(text.startsWith('\uFEFF') ? text.slice(1) : text);
  return reader.end();
}

/** The first child of this name, of any namespace unless one is given. */
export function childCalled(element: XmlElement | undefined, name: string, namespace?: string): XmlElement | undefined {
  return element?.children.find(
    (child) => child.name === name && (namespace === undefined || child.namespace === namespace),
  );
}

/** The text of an element, or of its first child called `name`; `''` where there is none. Not trimmed. */
export function textOf(element: XmlElement | undefined, name?: string, namespace?: string): string {
  const named = name === undefined ? element : childCalled(element, name, namespace);
  return named?.text ?? '';
}
