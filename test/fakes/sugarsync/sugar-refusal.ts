/** What the fake answers instead of doing what it was asked. */
export class SugarRefusal extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** Refuses. */
export function refuse(status: number, sentence: string): never {
  throw new SugarRefusal(status, sentence);
}

/** The page in which the service tells why it refuses. */
export function refusalPage(status: number, sentence: string): string {
  const text = sentence.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<html>\n<head>\n   <title>Status page</title>\n</head>\n<body>\n<h3>${text}</h3><p>You can get technical details <a href="http://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.1">here</a>.<br>\nError ${status}</p>\n</body>\n</html>\n`;
}
