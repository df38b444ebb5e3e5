/** Sizes of communities: what is written down, and proposals to merge and divide. Nothing is changed by asking. */
import { request } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type SizeProfile = Schemas['SizeProfile'];
export type Resizing = Schemas['Resizing'];
export type Community = Schemas['ResizedCommunity'];
export type Change = Schemas['ResizingChange'];
export interface Asked { area: string; least: number; most: number; measure: 'households' | 'persons'; across: boolean }

export const fetchSizes = (): Promise<SizeProfile[]> => request('GET', '/api/communities/sizes');
export const fetchResizing = (asked: Asked, options: { signal?: AbortSignal } = {}): Promise<Resizing> =>
  request('GET', '/api/communities/resizing', { query: { ...asked }, timeout: 120_000, ...options });
