import type { RequestOptions } from './client';
import type { RecordStep } from './outboxStore';
import { changeRecord, verifyRecord } from './register';

/** Sends a look at a record or its correction. Throws ApiError. */
export async function sendRecord(step: RecordStep, options: RequestOptions = {}): Promise<void> {
  if (step.verb === 'verify') await verifyRecord(step.record, step.id, step.body, options);
  else await changeRecord(step.record, step.id, step.body, options);
}
