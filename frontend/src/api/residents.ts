/** The endpoints that residents use without an account. */
import { request } from './client';
import type { CellMap, PublicCell, Receipt, ReceiptHolder, ReceiptPage, ResidentReport, Solved } from './types';

const alone = { unauthorized: 'throw' } as const;

/** A cell as its QR code opens it; ApiError 404 'no_cell', or 410 'cell_ended' with `detail.successors`. */
export const fetchCell = (code: string): Promise<PublicCell> =>
  request('GET', `/api/public/cells/${encodeURIComponent(code)}`, alone);
export const fetchCellMap = (code: string): Promise<CellMap> =>
  request('GET', `/api/public/cells/${encodeURIComponent(code)}/map`, alone);
/** Sends a report; safe to repeat as it is: the same receipt comes back. */
export const sendReport = (code: string, body: ResidentReport): Promise<Receipt> =>
  request('POST', `/api/public/cells/${encodeURIComponent(code)}/reports`, { json: body, ...alone });
export const openReceipt = (holder: ReceiptHolder): Promise<ReceiptPage> =>
  request('POST', '/api/public/receipts', { json: holder, ...alone });
export const sendAnswer = (holder: ReceiptHolder, id: string, text: string): Promise<unknown> =>
  request('POST', '/api/public/receipts/answer', { json: { ...holder, id, text }, ...alone });
export const sendRating = (holder: ReceiptHolder, id: string, outcome: Solved, text: string): Promise<unknown> =>
  request('POST', '/api/public/receipts/rating', { json: { ...holder, id, outcome, text }, ...alone });

/** Uploads one photo to the case of a receipt under an id made by us; safe to repeat. */
export function sendPhoto(holder: ReceiptHolder, photo: { id: string; blob: Blob }): Promise<unknown> {
  const form = new FormData();
  form.set('number', holder.number);
  form.set('password', holder.password);
  form.set('id', photo.id);
  form.set('file', photo.blob, `${photo.id}.jpg`);
  return request('POST', '/api/public/receipts/photos', { form, timeout: 120_000, ...alone });
}
