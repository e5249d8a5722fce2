/** Children of an element: their texts by name. What is undefined is left out. */
export type SugarFields = Readonly<Record<string, string | undefined>>;

/** An XML document as the Platform API takes it: one element, with the texts of its children. All of it is escaped. */
export function sugarDocument(name: string, fields: SugarFields, attributes: SugarFields = {}): string {
  const told = Object.entries(attributes).map(([key, value = '']) => ` ${key}="${escaped(value)}"`);
  const children = Object.entries(fields).map(([key, value]) =>
    value === undefined ? '' : `<${key}>${escaped(value)}</${key}>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?><${name}${told.join('')}>${children.join('')}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"'\r\n\t]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
