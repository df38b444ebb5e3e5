import { describe, expect, it } from 'vitest';
import { choicesOf, figure, question, sending } from '@/pages/gate/answers';

const row = (key: string, source: 'record' | 'own' | 'earlier' | 'asked', type: 'text' | 'number' = 'number', figure = '') =>
  ({ key, source, type, figure });

describe('what a community sends for a form', () => {
  it('is what was typed, numbers as numbers, and nothing of the records', () => {
    const rows = [row('record:cells::', 'record', 'number', 'cells'), row('a', 'asked'), row('b', 'asked', 'text')];
    expect(sending(rows, { 'record:cells::': '9', a: '2.5', b: ' 三处 ' }, new Set())).toEqual({ a: 2.5, b: '三处' });
  });

  it('leaves out what another form asked already, until somebody changes it', () => {
    const rows = [row('a', 'earlier')];
    expect(sending(rows, { a: '6' }, new Set())).toEqual({});
    expect(sending(rows, { a: '7' }, new Set(['a']))).toEqual({ a: 7 });
  });

  it('says nothing for what was left empty', () => {
    expect(sending([row('a', 'asked'), row('b', 'own')], { a: ' ', b: '0' }, new Set())).toEqual({ b: 0 });
  });
});

describe('fields of a form', () => {
  it('take choices with any of the marks people put between, each once', () => {
    expect(choicesOf('有、没有，不清楚, 有;')).toEqual(['有', '没有', '不清楚']);
  });

  it('have choices only where something is chosen', () => {
    expect(question(' 数量 ', 'number', '有、无')).toMatchObject({ label: '数量', choices: [], figure: '' });
    expect(question('状况', 'choice', '好、坏').choices).toEqual(['好', '坏']);
    expect(figure('open', 'x/event/1', 3)).toMatchObject({ figure: 'open', class_key: 'x/event/1', department: 3, label: '' });
  });
});
