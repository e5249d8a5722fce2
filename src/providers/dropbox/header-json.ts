/** JSON that a header can carry: all that is not ASCII, and DEL, as `\uXXXX`. */
export function headerJson(value: object): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
