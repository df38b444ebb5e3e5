import type { Card, IncidentClass } from '@/api/types';

/** A card of a newly reported event; what a test is about is given. */
export function card(changes: Partial<Card> = {}): Card {
  return {
    id: '0190a000-0000-7000-8000-000000000001', number: '261122-1', class_key: 'GB30428.2-2013/event/0110', title: '暴露垃圾',
    title_en: 'Exposed waste', domain: 'event', state: 'reported', level: 'street', area: '990101001001001', area_name: '第一网格',
    lon: 105.4, lat: 28.9, urgent: false, department: null, department_name: null, source: 'patrol',
    reported_at: '2026-01-05T02:00:00Z', due_at: null, due_soon: false, overdue: false, overdue_by: 0, stage: null, stage_name: null, stage_name_en: null,
    version: 1, photo: null, reports: 1, ...changes,
  };
}

export function klass(name: string, pinyin: string, initials: string, changes: Partial<IncidentClass> = {}): IncidentClass {
  return {
    key: name, scheme: 'GB30428.2-2013', domain: 'event', code: '0110', major: '01', name, name_en: '', pinyin, initials,
    urgent: false, conditions: [], department: null, questions: [], ...changes,
  };
}
