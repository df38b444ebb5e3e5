import { describe, expect, it } from 'vitest';
import { uuid7 } from '@/api/uuid7';

describe('uuid7', () => {
  it('has the version, the variant and the time of RFC 9562', () => {
    const id = uuid7(0x0190_1234_5678);
    expect(id).toMatch(/^01901234-5678-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sorts by time and does not repeat', () => {
    const ids = Array.from({ length: 500 }, (_, index) => uuid7(1_700_000_000_000 + index));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(Array.from({ length: 500 }, () => uuid7(5))).size).toBe(500);
  });
});
