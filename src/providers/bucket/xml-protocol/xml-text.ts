/** Text as it stands between tags. What XML normalises (ends of lines) or forbids outside references is a reference. */
export function xmlText(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Whether XML 1.0 can hold a text at all (section 2.2): most control characters cannot be written, not even as references. */
export function fitsXml(text: string): boolean {
  return !unwritable.test(text);
}

/** Some services write such references all the same. Each becomes U+FFFD. */
export function withoutUnwritable(xml: string): string {
  return xml.replaceAll(/&#(?:x([0-9a-fA-F]+)|([0-9]+));/g, (reference, hexadecimal?: string, decimal?: string) => {
    const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
    return code <= 0x10ffff && fitsXml(String.fromCodePoint(code)) ? reference : '\ufffd';
  });
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
