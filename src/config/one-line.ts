/** Ends lines, moves the cursor, or turns the direction of writing: the categories Cc, Zl and Zp, and the bidirectional controls. */
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text of somebody else, as a name from a service, so that it can stand within a line that people read: what could end the line or
 * command a terminal is written as `\n` or `\u{1b}`.
 */
export function oneLine(text: string): string {
  return text.replace(controls, (sign) => (sign === '\n' ? '\\n' : `\\u{${sign.charCodeAt(0).toString(16)}}`));
}
