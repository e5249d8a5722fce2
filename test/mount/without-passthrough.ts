import { mountStore, withoutFuse } from './mounted.ts';

/** Why the kernel cannot take files over here, or false. For the `skip` of a test. */
export const withoutPassthrough: string | false = withoutFuse === false ? await missing() : withoutFuse;

async function missing(): Promise<string | false> {
  await using mounted = await mountStore();
  const state = (await mounted.daemon.ask('passthrough')) as { readonly on: boolean; readonly why?: string };
  return state.on ? false : `needs passthrough: ${state.why}`;
}
