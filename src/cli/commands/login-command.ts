import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { configurableProviders } from '../../config/configurable-providers.ts';
import { readOptions } from '../../config/read-options.ts';
import { writeLogin } from '../../config/saved-login.ts';
import { providerCalled } from '../../config/services.ts';
import { HttpClient } from '../../http/http-client.ts';
import { providers } from '../../providers/registry.ts';
import { CommandError } from '../command-error.ts';
import { configurationIn, loginFileOf, useLogin } from '../login/login-files.ts';
import { logIn } from '../login/log-in.ts';
import { hasBrowser, openBrowser } from '../login/open-browser.ts';
import { Terminal } from '../login/prompt.ts';
import { print } from '../terminal.ts';

interface LoginFlags {
  readonly config?: string;
  readonly browser: boolean;
  readonly port?: number;
}

/** `cloudfusion login`. */
export function addLogin(program: Command): void {
  program
    .command('login')
    .description('let CloudFusion into an account, and keep the login beside a configuration')
    .argument('<service>', servicesWithLogins().join(', '))
    .option('-c, --config <file>', 'the configuration, made where it is missing (default: SERVICE.ini)')
    .option('--no-browser', 'open no browser: only print the address of the page')
    .option('--port <number>', 'where this computer waits for the browser (default: any free port)', portFrom)
    .addHelpText(
      'after',
      `
Over SSH, open the address on the computer in front of you. When its browser cannot open the last page, copy the address of that
page and paste it here.

Examples:
  cloudfusion login gdrive
  cloudfusion login gcs --config buckets.ini`,
    )
    .action(async (service: string, flags: LoginFlags) => {
      const { name } = providerCalled(service, undefined, configurableProviders);
      const login = providers[name]?.login;
      if (login === undefined)
        throw new CommandError(
          'usage',
          `the store "${name}" has no login: write its keys into the configuration; there is one for ${servicesWithLogins().join(', ')}`,
        );
      const path = resolve(flags.config ?? `${service.replaceAll(' ', '-')}.ini`);
      const text = await configurationIn(path);
      const given = text === undefined ? {} : givenIn(text, name, path);
      const openPage = flags.browser && hasBrowser(process.env) ? openBrowser : undefined;
      const finished = await atTerminal((person, http) =>
        logIn({ login, given, person, http, port: flags.port, openPage }),
      );
      const file = loginFileOf(path);
      await writeLogin(file, { store: name, made: Date.now(), ...finished });
      const done = await useLogin(path, name, text);
      print(`\nLogged in${finished.account === undefined ? '' : ` as ${finished.account}`}.`);
      print(`The login is kept in ${file}, which only you can read. ${done}`);
      if (finished.expires !== undefined)
        print(`${login.service} ends it on ${new Date(finished.expires).toISOString().slice(0, 10)}.`);
      print(`\n  cloudfusion mount --config ${path} MOUNTPOINT`);
    });
}

async function atTerminal<T>(work: (person: Terminal, http: HttpClient) => Promise<T>): Promise<T> {
  using terminal = new Terminal();
  const http = new HttpClient({ variables: process.env });
  try {
    return await work(terminal, http);
  } finally {
    await http.close();
  }
}

/** What a configuration says already. Throws `CommandError` for one of another store. */
function givenIn(text: string, store: string, path: string): Record<string, string> {
  const settings = providers[store]?.settings ?? [];
  const found = readOptions(text, { environment: process.env, settingKeys: settings });
  const name = found.get('name');
  if (name !== undefined && providerCalled(name.value, name.line, configurableProviders).name !== store)
    throw new CommandError('configuration', `${path} is for the store "${name.value}", not for "${store}"`);
  const values = settings.flatMap(({ key }) => {
    const value = found.get(key)?.value;
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(values);
}

function servicesWithLogins(): string[] {
  return Object.entries(providers).flatMap(([name, { names, login }]) =>
    login === undefined ? [] : (names[0] ?? name),
  );
}

function portFrom(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidArgumentError('It is a number up to 65535.');
  return port;
}
