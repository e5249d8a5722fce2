import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expandReferences } from './environment-references.ts';

describe('expandReferences', () => {
  const environment = { NAME: 'value', EMPTY: '', TRICKY: '$& ${NAME}' };
  const expected: [string, string][] = [
    ['${NAME}', 'value'],
    ['a${NAME}b${EMPTY}${NAME}', 'avaluebvalue'],
    ['$NAME $ $$ 5$', '$NAME $ $$ 5$'],
    ['$${NAME}', '${NAME}'],
    ['$$${NAME}', '$${NAME}'],
    ['$${', '${'],
    ['${TRICKY}', '$& ${NAME}'],
  ];
  for (const [text, value] of expected)
    it(`makes ${value} of ${text}`, () => assert.equal(expandReferences(text, 1, environment), value));

  it('names a variable that is not set, and the line', () => {
    assert.throws(() => expandReferences('x${MISSING}', 7, environment), {
      name: 'ConfigurationError',
      line: 7,
      message: 'line 7: the environment variable MISSING is not set',
    });
  });

  it('does not take names that objects always have', () => {
    assert.throws(() => expandReferences('${constructor}', 1, environment), /constructor is not set/);
  });

  for (const broken of ['${', '${}', '${NAME', '${hun ter2}', '${1A}'])
    it(`refuses ${broken} without repeating it`, () => {
      assert.throws(
        () => expandReferences(broken, 3, environment),
        (error: Error) => error.message.startsWith('line 3: "${" begins') && !error.message.includes('ter2'),
      );
    });
});
