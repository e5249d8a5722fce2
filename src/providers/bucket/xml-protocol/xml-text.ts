/** Text as it stands between tags. What XML normalises (ends of lines) or forbids outside references is a reference. */
export function xmlText(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Whether XML 1.0 can hold a text at all (section 2.2): most control characters cannot be written, not even as references. */
export function fitsXml(text: string): boolean {
  return !unwritable.test(text);
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
