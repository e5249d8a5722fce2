/**
 * Lets examples import `cloudfusion` as users do, without a build: load it before them (`node --import`). The names are
 * those of `exports` in package.json, the files are the sources.
 */
import { registerHooks } from 'node:module';

const sources: Readonly<Record<string, string>> = {
  cloudfusion: '../src/index.ts',
  'cloudfusion/conformance': '../src/conformance/index.ts',
};

registerHooks({
  resolve(specifier, context, nextResolve) {
    const source = sources[specifier];
    return source === undefined
      ? nextResolve(specifier, context)
      : { url: new URL(source, import.meta.url).href, shortCircuit: true };
  },
});
