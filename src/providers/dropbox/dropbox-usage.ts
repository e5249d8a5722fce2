import { isRecord, toldSize } from '../../http/told-values.ts';
import type { CallOptions, Usage } from '../../store/store.ts';
import type { DropboxClient } from './dropbox-client.ts';

/** What the account holds; of a team's shared space what the whole team does. */
export async function dropboxUsage(client: DropboxClient, options: CallOptions): Promise<Usage> {
  const [space, account] = [
    await client.rpc('users/get_space_usage', null, options),
    await client.rpc('users/get_current_account', null, options),
  ];
  const allocation = isRecord(space['allocation']) ? space['allocation'] : {};
  const isTeam = allocation['.tag'] === 'team';
  const email = account['email'];
  return {
    used: toldSize(isTeam ? allocation['used'] : space['used']),
    total: toldSize(allocation['allocated']),
    account: typeof email === 'string' ? email : undefined,
  };
}
