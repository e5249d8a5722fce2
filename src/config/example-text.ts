import { providers } from '../providers/registry.ts';
import type { ProviderSetting } from '../providers/service/provider-setting.ts';
import { type Option, optionCalled, options } from './options.ts';

/** A configuration that lists every key with its default, all commented out but for what must be filled in. */
export function exampleText(): string {
  const lines = [
    '# Write the configuration of your account here; it takes effect when the file is closed.',
    '# ${NAME} stands for the environment variable NAME, so that secrets need not be written down.',
    '',
  ];
  for (const section of ['store', 'auth'] as const) {
    lines.push(`# [${section}]`);
    for (const option of options) if (option.section === section) lines.push(...exampleOf(option));
    lines.push('');
  }
  lines.push(...ownSettings(), '');
  return lines.join('\n');
}

/** The keys of `[auth]` that only some stores know, each once, with their names. */
function ownSettings(): string[] {
  const known = new Map<string, { readonly setting: ProviderSetting; readonly stores: string[] }>();
  for (const [store, { settings }] of Object.entries(providers)) {
    for (const setting of settings.filter(({ key }) => optionCalled(key) === undefined)) {
      const entry = known.get(setting.key) ?? { setting, stores: [] };
      entry.stores.push(store);
      known.set(setting.key, entry);
    }
  }
  return [...known.values()].flatMap(({ setting, stores }) =>
    exampleOf({ ...setting, description: `${setting.description} (${stores.join(', ')})` }),
  );
}

function exampleOf({ key, description, default: standard = '' }: Option | ProviderSetting): string[] {
  return [`# ${description}`, `# ${key} = ${standard}`.trimEnd()];
}
