import type { Role } from '@/api/types';

/** The accounts that `manage.py seed` makes, one for each kind of page; the password is public on purpose. */
export const DEMO_PASSWORD = 'gridmap-demo';
export const DEMO_ACCOUNTS: readonly { username: string; role: Role }[] = [
  { username: 'worker01', role: 'worker' },
  { username: 'director', role: 'director' },
  { username: 'acceptor01', role: 'acceptor' },
  { username: 'dispatcher01', role: 'dispatcher' },
  { username: 'law01', role: 'handler' },
  { username: 'community01', role: 'community' },
];

/** True if the page the server sent says that this is a demo; never so in production. */
export function isDemo(): boolean {
  return document.querySelector<HTMLMetaElement>('meta[name="gridmap-env"]')?.content === 'demo';
}
