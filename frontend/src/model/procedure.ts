/** The table of a procedure as the browser needs it: where a stage leads, and how the diagram of it is laid out. */
import type { Stage } from '@/api/types';

export const RESULTS = ['approve', 'forward', 'send_back', 'supplement', 'extend', 'refuse', 'finish'] as const;
export type Result = (typeof RESULTS)[number];
export const REQUIRED = ['text', 'photo', 'document', 'signature'] as const;
export const LEVELS = ['cell', 'community', 'street', 'district'] as const;
/** Results that name the stage they lead to. */
export const LEADING: readonly Result[] = ['approve', 'forward'];

export const BOX = { width: 208, height: 62, gap: 34, left: 60, top: 12 } as const;

export interface Box { stage: Stage; index: number; y: number; ends: boolean; refuses: boolean; waits: boolean }
export interface Arrow { from: number; to: number; kind: 'next' | 'jump' | 'forward' | 'back'; path: string }
export interface Drawing { boxes: Box[]; arrows: Arrow[]; height: number; width: number }

/** Boxes one under the other, arrows down the middle for the next stage and around the side for all others. */
export function draw(stages: readonly Stage[]): Drawing {
  const place = new Map(stages.map((stage, index) => [stage.key, index]));
  const boxes = stages.map((stage, index) => ({
    stage, index, y: BOX.top + index * (BOX.height + BOX.gap),
    ends: 'finish' in stage.results, refuses: 'refuse' in stage.results, waits: 'supplement' in stage.results,
  }));
  const arrows: Arrow[] = [];
  stages.forEach((stage, from) => {
    for (const result of LEADING) {
      const to = place.get(stage.results[result] ?? '');
      if (to !== undefined && to !== from) arrows.push(arrow(from, to, result === 'forward' ? 'forward' : to === from + 1 ? 'next' : 'jump'));
    }
    if ('send_back' in stage.results && from > 0) arrows.push(arrow(from, from - 1, 'back'));
  });
  return { boxes, arrows, width: BOX.left * 2 + BOX.width, height: BOX.top * 2 + stages.length * (BOX.height + BOX.gap) - BOX.gap };
}

function arrow(from: number, to: number, kind: Arrow['kind']): Arrow {
  const top = (index: number): number => BOX.top + index * (BOX.height + BOX.gap);
  const middle = BOX.left + BOX.width / 2;
  if (kind === 'next') return { from, to, kind, path: `M${middle} ${top(from) + BOX.height}V${top(to) - 6}` };
  const right = kind !== 'back';
  const x = right ? BOX.left + BOX.width : BOX.left;
  const out = right ? 1 : -1;
  const bend = out * Math.min(18 + 10 * Math.abs(to - from), 50);
  const [start, end] = [top(from) + BOX.height * 0.4, top(to) + BOX.height * 0.65];
  return { from, to, kind, path: `M${x} ${start}C${x + bend} ${start} ${x + bend} ${end} ${x + out * 6} ${end}` };
}

/** A stage to begin with; its key is not taken. */
export function newStage(stages: readonly Stage[]): Stage {
  const taken = new Set(stages.map(({ key }) => key));
  let number = stages.length + 1;
  while (taken.has(`s${number}`)) number += 1;
  return { key: `s${number}`, name: '', name_en: '', level: 'street', role: 'acceptor', department: '', limit: '1d', requires: [], results: { finish: '' } };
}
