import { describe, expect, it } from 'vitest';
import type { Question } from '@/api/types';
import { asked, channelOf, given, missing } from '@/model/questions';

const question = (key: string, changes: Partial<Question> = {}): Question => ({
  key, label: key, label_en: key, kind: 'yes_no', required: false, choices: [], when: null, stop: null, ...changes,
});
const QUESTIONS = [
  question('line', { kind: 'choice', required: true }),
  question('sparks', { required: true, when: { line: 'power' }, stop: { yes: '119' } }),
  question('deep', { kind: 'number', when: { sparks: 'no' } }),
];
const keys = (answers: Record<string, string>): string[] => asked(QUESTIONS, answers).map(({ key }) => key);

describe('questions', () => {
  it('are asked only where the answers before lead to them', () => {
    expect(keys({})).toEqual(['line']);
    expect(keys({ line: 'power' })).toEqual(['line', 'sparks']);
    expect(keys({ line: 'telecom', sparks: 'no' })).toEqual(['line']);
    expect(keys({ line: 'power', sparks: 'no' })).toEqual(['line', 'sparks', 'deep']);
  });

  it('say which number to call, but only for an answer that was asked for', () => {
    expect(channelOf(QUESTIONS, { line: 'power', sparks: 'yes' })).toBe('119');
    expect(channelOf(QUESTIONS, { line: 'telecom', sparks: 'yes' })).toBeNull();
    expect(channelOf([], {})).toBeNull();
  });

  it('name what is missing or no number', () => {
    expect(missing(QUESTIONS, {})).toEqual(['line']);
    expect(missing(QUESTIONS, { line: 'power', sparks: ' ' })).toEqual(['sparks']);
    expect(missing(QUESTIONS, { line: 'power', sparks: 'no', deep: 'knee' })).toEqual(['deep']);
    expect(missing(QUESTIONS, { line: 'power', sparks: 'no' })).toEqual([]);
  });

  it('send no answer to what is not asked', () => {
    expect(given(QUESTIONS, { line: 'telecom', sparks: 'yes', deep: '3' })).toEqual({ line: 'telecom' });
    expect(given(QUESTIONS, { line: 'power', sparks: 'no', deep: ' 3 ' })).toEqual({ line: 'power', sparks: 'no', deep: '3' });
  });
});
