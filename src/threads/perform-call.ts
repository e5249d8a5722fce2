import type { Call } from '../store/intercept.ts';
import type { Store } from '../store/store.ts';

/** A call whose answer is all of it. */
export type PlainCall = Exclude<Call, { readonly operation: 'list' | 'read' }>;

/** Makes a call of a store. */
export function performCall(store: Store, call: PlainCall): Promise<unknown> {
  switch (call.operation) {
    case 'stat':
      return store.stat(call.path, call.options);
    case 'write':
      return store.write(call.path, call.source, call.options);
    case 'setMetadata':
      return store.setMetadata(call.path, call.metadata, call.options);
    case 'makeDirectory':
      return store.makeDirectory(call.path, call.options);
    case 'delete':
      return store.delete(call.path, call.options);
    case 'deleteAll':
      return store.deleteAll(call.entries, call.options);
    case 'copy':
      return store.copy(call.path, call.to, call.options);
    case 'move':
      return store.move(call.path, call.to, call.options);
    case 'usage':
      return store.usage(call.options);
    case 'changes':
      return store.changes(call.since, call.options);
    case 'close':
      return store.close();
    default:
      return call satisfies never;
  }
}
