import { describe, expect, it } from 'vitest';
import type { IncidentClass } from '@/api/types';
import { asDraft, type RoutingRule } from '@/api/routing';
import { answersOf, hoursOf, kindOf, majorsOf } from '@/components/routing/form';

const rule = (changes: Partial<RoutingRule>): RoutingRule => ({
  number: 3, area: '990101', department: 7, class_key: '', major: '', months: [], hours: null, answers: {}, territory: false, trouble: null,
  area_name: { zh: '', en: '' }, concern: { zh: '', en: '' }, time: { zh: '', en: '' }, department_name: { zh: '', en: '' }, ...changes,
});

describe('the form of a rule', () => {
  it('knows for which classes a rule is', () => {
    expect([rule({}), rule({ major: 'event/a' }), rule({ class_key: 's/event/1' }), rule({ territory: true })].map((one) => kindOf(asDraft(one))))
      .toEqual(['all', 'major', 'one', 'territory']);
    expect(kindOf(null)).toBe('one');
  });

  it('sends a rule back without the names that the server added', () => {
    expect(asDraft(rule({ hours: [22, 6], months: [1], trouble: 'area_ended' }))).toEqual({
      area: '990101', department: 7, class_key: '', major: '', months: [1], answers: {}, territory: false, hours: [22, 6],
    });
  });

  it('takes both ends of the hours or none, and past midnight', () => {
    expect(hoursOf('', '')).toBeNull();
    expect(hoursOf(22, 6)).toEqual([22, 6]);
    expect([hoursOf(8, ''), hoursOf('', 8), hoursOf(8, 8)]).toEqual([undefined, undefined, undefined]);
  });

  it('leaves out pairs that are not filled in', () => {
    expect(answersOf([{ key: ' fire ', value: 'true ' }, { key: '', value: 'x' }, { key: 'y', value: ' ' }])).toEqual({ fire: 'true' });
  });

  it('names each major class once, events before objects', () => {
    const classes = [['object', 'b'], ['event', 'a'], ['event', 'a'], ['object', 'a']].map(([domain, major]) => ({ domain, major }) as IncidentClass);
    expect(majorsOf(classes).map(({ value }) => value)).toEqual(['event/a', 'object/a', 'object/b']);
  });
});
