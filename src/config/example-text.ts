import { type Option, options } from './options.ts';

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
  return lines.join('\n');
}

function exampleOf(option: Option): string[] {
  return [`# ${option.description}`, `# ${option.key} = ${option.default ?? ''}`.trimEnd()];
}
