import type { Role } from '@/api/types';

export interface DemoAccount { username: string; password: string; name: string; role: Role | null }

/** True if the server says, in its page or in its answer, that this is a demo. */
export function isDemo(answer: unknown): boolean {
  const page = document.querySelector<HTMLMetaElement>('meta[name="gridmap-env"]');
  return page?.content === 'demo' || (answer !== null && answer !== undefined && answer !== false);
}

/** The accounts the server tells in a demo; none in production. */
export function demoAccounts(answer: unknown): DemoAccount[] {
  return Array.isArray(answer) ? answer as DemoAccount[] : [];
}
