import { CommandError } from './command-error.ts';
import type { ControlClient } from './control-client.ts';
import type { QueueOrder } from './daemon/queue-order.ts';

/** Has an order about uploads done; the number of changes that it was about. Throws `CommandError`, naming what was `given`, when it is refused. */
export async function giveOrder(control: ControlClient, order: QueueOrder, given: string): Promise<number> {
  const answer = await control.order(order);
  if (answer.kind === 'refused') throw new CommandError('failed', `${given}: ${answer.message}`);
  return answer.changes;
}
