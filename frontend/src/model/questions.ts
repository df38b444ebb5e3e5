/** What a class asks of a report, as the server will check it: which questions are asked, and which answer means a call. */
import type { Question } from '@/api/types';

export type Answers = Readonly<Record<string, string>>;

/** The questions that these answers lead to; one that depends on an answer is asked only where that was asked and given. */
export function asked(questions: readonly Question[], answers: Answers): Question[] {
  const found: Question[] = [];
  for (const question of questions) {
    const [condition] = Object.entries(question.when ?? {});
    if (!condition || (found.some(({ key }) => key === condition[0]) && answers[condition[0]] === condition[1])) found.push(question);
  }
  return found;
}

/** The number to call instead of reporting; null if the report may go. */
export function channelOf(questions: readonly Question[], answers: Answers): string | null {
  for (const { key, stop } of asked(questions, answers)) {
    const channel = stop?.[answers[key] ?? ''];
    if (channel) return channel;
  }
  return null;
}

const NUMBER = /^-?\d{1,9}(\.\d{1,3})?$/;

/** The keys of questions that still want a right answer. */
export function missing(questions: readonly Question[], answers: Answers): string[] {
  return asked(questions, answers).filter((question) => {
    const answer = answers[question.key]?.trim() ?? '';
    if (!answer) return question.required;
    return question.kind === 'number' && !NUMBER.test(answer);
  }).map(({ key }) => key);
}

/** The answers to what is asked, and to nothing else. */
export function given(questions: readonly Question[], answers: Answers): Record<string, string> {
  const kept = asked(questions, answers).map(({ key }) => [key, answers[key]?.trim() ?? ''] as const);
  return Object.fromEntries(kept.filter(([, answer]) => answer !== ''));
}
