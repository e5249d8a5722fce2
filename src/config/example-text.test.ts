import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configurableProviders } from './configurable-providers.ts';
import { exampleText } from './example-text.ts';
import { parseIni } from './ini.ts';
import { maskSecrets } from './mask-secrets.ts';
import { options } from './options.ts';
import { readOptions } from './read-options.ts';

describe('exampleText', () => {
  it('is all comments, so that it changes nothing as it is', () => {
    assert.equal(parseIni(exampleText()).sections.size, 0);
  });

  it('is a configuration without its comment signs, with every key and its default', () => {
    const text = exampleText().replaceAll(/^# (?=\[\w+\]$|[a-z_]+ =)/gm, '');
    const settingKeys = configurableProviders.flatMap(({ settings }) => settings);
    const found = readOptions(text, { environment: {}, settingKeys });
    for (const { key, default: value } of options) {
      assert.equal(found.get(key)?.value, value, key);
      assert.match(text, new RegExp(`^${key} =`, 'm'));
    }
  });

  it('has nothing to hide', () => assert.equal(maskSecrets(exampleText()), exampleText()));
});
