import { GoogleFault } from '../google-storage/google-fault.ts';

/** A refusal of Drive (https://developers.google.com/workspace/drive/api/guides/handle-errors). */
export function driveFault(status: number, reason: string, message: string, retryAfter?: number): GoogleFault {
  return new GoogleFault(status, reason, reason, message, { retryAfter });
}
