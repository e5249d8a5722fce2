import type { Node, SendFailure } from './node.ts';
import type { UploadControl } from './upload-control.ts';

/** When an `Uploader` sends, and whom it tells. */
export interface UploaderOptions {
  /** Milliseconds between the last change of a file and its upload. */
  readonly uploadDelay: number;
  /** Operations at a time, to begin with. */
  readonly uploads: number;
  /** Files of up to this many bytes are gathered by the store, as its capability says at the moment. */
  readonly gatheredUpTo: () => number;
  /** What people asked of the uploads. */
  readonly control: UploadControl;
  /** Nothing runs on the node any more. */
  readonly onSettled: (node: Node) => void;
  /** Tells of a failure that a person should know of. */
  readonly onFailure: (node: Node, failure: SendFailure) => void;
}
