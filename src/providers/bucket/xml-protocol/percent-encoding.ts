const plainKey = /^[A-Za-z0-9\-._~/]*$/;
const plainValue = /^[A-Za-z0-9\-._~]*$/;

/** Half a surrogate pair, which no UTF-8 stands for. */
const halfPair = '\ud800';

/**
 * A key as it stands in the path of a request: every byte of its UTF-8 encoded but letters, digits, `-._~` and `/`, once. The
 * signature covers this very text (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html).
 */
export function encodeKey(key: string): string {
  return plainKey.test(key) ? key : encode(key).replaceAll('%2F', '/');
}

/** A name or value as it stands in a query; here `/` is encoded too. */
export function encodeValue(value: string): string {
  return plainValue.test(value) ? value : encode(value);
}

/**
 * A key as a listing tells it that was asked for `encoding-type=url`: a space is `+` or `%20`, and `+` is `%2B`. One that is not
 * UTF-8, or not encoded at all, is a text that is not well-formed, so that nobody takes it for the name of something.
 */
export function decodeKey(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return `${text}${halfPair}`;
  }
}

/** Parameters of a query. One that is undefined is left out; an empty one is sent as `name=`. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** The query of a request, in the order in which it is signed. */
export function encodeQuery(query: Query): string {
  const parameters: (readonly [string, string])[] = [];
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.push([encodeValue(name), encodeValue(String(value))]);
  return parameters
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
