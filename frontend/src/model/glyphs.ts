import type { StateGroup } from './incident';

/** The stroke inside a symbol, around its middle, for a body of radius 10.5: tells the state to eyes that see no colours. */
export const GLYPHS: Record<StateGroup, string> = {
  new: 'M0-4.5V1M0 4.4v.1',
  assigned: 'M-4.5 0H4M0.5-3.8 4.4 0 0.5 3.8',
  work: 'M-3-4V4M3-4V4',
  verify: 'M-4.4 0.4-1.2 3.6 4.6-3.2',
  still: 'M-3.4-4.4H3.4L-3.4 4.4H3.4Z',
  closed: 'M-4 0H4',
};
