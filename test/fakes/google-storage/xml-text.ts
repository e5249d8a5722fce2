import { GoogleFault } from './google-fault.ts';

const namespace = 'http://doc.s3.amazonaws.com/2006-03-01';

/** An XML answer; undefined values are left out, lists become repeated elements. */
export function xmlDocument(root: string, content: Readonly<Record<string, XmlValue>>): string {
  return `<?xml version='1.0' encoding='UTF-8'?><${root} xmlns='${namespace}'>${elements(content)}</${root}>`;
}

export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | { readonly [name: string]: XmlValue }
  | readonly XmlValue[];

function elements(content: Readonly<Record<string, XmlValue>>): string {
  return Object.entries(content)
    .map(([name, value]) =>
      Array.isArray(value) ? value.map((one) => element(name, one)).join('') : element(name, value),
    )
    .join('');
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  const inner = typeof value === 'object' ? elements(value as Record<string, XmlValue>) : escaped(String(value));
  return `<${name}>${inner}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`).replace(/\r/g, '&#13;');
}

/** The texts of all elements of this name that hold no elements themselves. */
export function textsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => unescaped(text));
}

/** What is inside each element of this name. Throws for text that is no XML with this root. */
export function innerXml(xml: string, root: string, name: string): string[] {
  if (!new RegExp(`<${root}[ >]`).test(xml) || !xml.trimEnd().endsWith(`</${root}>`)) {
    const message = 'The XML you provided was not well-formed or did not validate against our published schema.';
    throw new GoogleFault(400, 'invalid', 'MalformedXML', message);
  }
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, inner = '']) => inner);
}

function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return decimal === undefined ? (named[name ?? ''] ?? whole) : String.fromCodePoint(Number(decimal));
    },
  );
}
