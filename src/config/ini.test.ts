import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigurationError } from './configuration-error.ts';
import { parseIni } from './ini.ts';

function read(text: string): Record<string, Record<string, string>> {
  const { sections } = parseIni(text);
  return Object.fromEntries(
    [...sections].map(([name, { values }]) => [
      name,
      Object.fromEntries([...values].map(([key, { value }]) => [key, value])),
    ]),
  );
}

describe('parseIni', () => {
  // Each expectation is what Python 2.7.18's RawConfigParser answers to the same text.
  const asPythonDoes: [what: string, text: string, expected: Record<string, Record<string, string>>][] = [
    ['both signs', '[store]\nname = dropbox\ncache: 60\n', { store: { name: 'dropbox', cache: '60' } }],
    [
      'the first sign counts',
      '[auth]\nurl = http://x:80/a=b\nuser:a=b\n',
      { auth: { url: 'http://x:80/a=b', user: 'a=b' } },
    ],
    ['keys lose their case, values and sections do not', '[Auth]\nUser = Me\n', { Auth: { user: 'Me' } }],
    ['white space inside a key stays', '[a]\nb  c = d\n', { a: { 'b  c': 'd' } }],
    ['comments in the first column', '[a]\n# b = 1\n; c = 2\nREM d = 3\nremote = 4\n', { a: { remote: '4' } }],
    [
      'a comment behind a value',
      '[a]\nb = 1 ; note\nc = 2;no note\nd = 3 # no note\n',
      { a: { b: '1', c: '2;no note', d: '3 # no note' } },
    ],
    ['only the first semicolon can begin a comment', '[a]\nb = x;y ;z\n', { a: { b: 'x;y ;z' } }],
    ['a value that begins with a semicolon', '[a]\nb = ;x\nc = ;x \n', { a: { b: ';x', c: '' } }],
    ['continuation lines', '[a]\nb = 1\n  2\n\t3 ; kept\n', { a: { b: '1\n2\n3 ; kept' } }],
    ['an indented comment continues', '[a]\nb = 1\n # c\n', { a: { b: '1\n# c' } }],
    ['continuation across a comment and a blank line', '[a]\nb = 1\n# c\n\n  2\n', { a: { b: '1\n2' } }],
    ['an indented assignment continues', '[a]\nb = 1\n c = 2\n', { a: { b: '1\nc = 2' } }],
    ['empty values', '[a]\nb =\nc = ""\nd = "x"\n', { a: { b: '', c: '', d: '"x"' } }],
    ['percent signs', '[a]\nb = 50%(x)s%%\n', { a: { b: '50%(x)s%%' } }],
    ['Windows line ends', '[a]\r\nb = 1\r\n  2\r\n', { a: { b: '1\n2' } }],
    ['what follows a header', '[a] trailing\nb = 1', { a: { b: '1' } }],
    ['a section twice, a key twice', '[a]\nb = 1\nc = 1\n[d]\n[a]\nb = 2\n', { a: { b: '2', c: '1' }, d: {} }],
    ['defaults', '[DEFAULT]\nb = 1\nc = 1\n[a]\nb = 2\n[d]\n', { a: { b: '2', c: '1' }, d: { b: '1', c: '1' } }],
    ['no-break space is no space', '[a]\nb =\u00a0x\n', { a: { b: '\u00a0x' } }],
  ];
  for (const [what, text, expected] of asPythonDoes) {
    it(`reads ${what}`, () => assert.deepEqual(read(text), expected));
  }

  it('skips a byte order mark', () => assert.deepEqual(read('\uFEFF[a]\nb=1'), { a: { b: '1' } }));

  it('remembers lines', () => {
    const { sections } = parseIni('# one\n[a]\n\nb = 1\n  2\nc = 3\n');
    const section = sections.get('a')!;
    assert.equal(section.line, 2);
    assert.equal(section.values.get('b')?.line, 4);
    assert.equal(section.values.get('c')?.line, 6);
  });

  const refused: [what: string, text: string, line: number][] = [
    ['a value before any section', '# x\nsecret hunter2 = 1\n', 2],
    ['a line without a sign', '[a]\nb = 1\nhunter2\n', 3],
    ['an indented line without a value above', '[a]\n hunter2 = 1\n', 2],
    ['an empty header', '[a]\nb=1\n[]\n', 3],
    ['an empty key', '[a]\n= hunter2\n', 2],
  ];
  for (const [what, text, line] of refused) {
    it(`refuses ${what}, names the line and does not repeat it`, () => {
      assert.throws(
        () => parseIni(text),
        (error) =>
          error instanceof ConfigurationError &&
          error.line === line &&
          error.message.startsWith(`line ${line}: `) &&
          !error.message.includes('hunter2'),
      );
    });
  }
});
