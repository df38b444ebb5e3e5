/** The endpoints that residents use without an account. */
import { request } from './client';
import type { ApplicationBody, BookingBody, BookingMode, BookingPlace, CellMap, FreeSlots, GuideKind, GuidePage, PublicCell, Receipt, ReceiptHolder, ReceiptPage, ResidentReport, Solved } from './types';

const alone = { unauthorized: 'throw' } as const;

/** A cell as its QR code opens it; ApiError 404 'no_cell', or 410 'cell_ended' with `detail.successors`. */
export const fetchCell = (code: string): Promise<PublicCell> =>
  request('GET', `/api/public/cells/${encodeURIComponent(code)}`, alone);
export const fetchCellMap = (code: string): Promise<CellMap> =>
  request('GET', `/api/public/cells/${encodeURIComponent(code)}/map`, alone);
/** Sends a report; safe to repeat as it is: the same receipt comes back. */
export const sendReport = (code: string, body: ResidentReport): Promise<Receipt> =>
  request('POST', `/api/public/cells/${encodeURIComponent(code)}/reports`, { json: body, ...alone });
/** The kinds of matter with a guide, in an area (its code) or anywhere. */
export const fetchGuides = (area: string): Promise<GuideKind[]> =>
  request('GET', '/api/public/guides', { query: { area }, ...alone });
/** The guide to a kind of matter; ApiError 404 'no_guide'. */
export const fetchGuide = (kind: string, area: string): Promise<GuidePage> =>
  request('GET', `/api/public/guides/${encodeURIComponent(kind)}`, { query: { area }, ...alone });
/** The communities where a time can be booked. */
export const fetchBookingPlaces = (): Promise<BookingPlace[]> => request('GET', '/api/public/bookings/places', alone);
/** The free times of a community in the next days. */
export const fetchFreeSlots = (area: string, mode: BookingMode): Promise<FreeSlots> =>
  request('GET', '/api/public/bookings/slots', { query: { area, mode }, ...alone });
/** Books a time; safe to repeat as it is. ApiError 409 'slot_full' when somebody was faster. */
export const bookTime = (body: BookingBody): Promise<Receipt> => request('POST', '/api/public/bookings', { json: body, ...alone });
/** Registers a matter from home; safe to repeat as it is. */
export const applyOnline = (body: ApplicationBody): Promise<Receipt> => request('POST', '/api/public/matters', { json: body, ...alone });
/** Gives a booked time back. */
export const cancelBooking = (holder: ReceiptHolder): Promise<unknown> =>
  request('POST', '/api/public/receipts/cancel', { json: holder, ...alone });
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
