import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, isDemo } from '@/pages/login/demo';

const seed = readFileSync('../gridmap/management/demo.py', 'utf8');

describe('demo accounts', () => {
  it('are those that the seed makes', () => {
    expect(seed).toContain(`PASSWORD = "${DEMO_PASSWORD}"`);
    for (const { username } of DEMO_ACCOUNTS) {
      const plain = seed.includes(`"${username}"`);
      const counted = seed.includes(`f"${username.replace(/\d+$/, '')}{`);
      expect(plain || counted, username).toBe(true);
    }
  });

  it('show only where the server says demo', () => {
    expect(isDemo()).toBe(false);
    document.head.innerHTML = '<meta name="gridmap-env" content="production">';
    expect(isDemo()).toBe(false);
    document.head.innerHTML = '<meta name="gridmap-env" content="demo">';
    expect(isDemo()).toBe(true);
  });
});
