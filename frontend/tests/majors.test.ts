import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { majorName } from '@/components/report/majors';

describe('groups of the catalogue', () => {
  const [head, ...rows] = readFileSync(resolve('../incidents/data/classes.csv'), 'utf8').trim().split('\n');
  const column = head!.split(',').indexOf('major');
  const majors = [...new Set(rows.map((row) => row.split(',')[column]!))];

  it('all have an English name', () => {
    expect(majors.length).toBeGreaterThan(5);
    for (const major of majors) expect(majorName(major, 'en'), major).not.toMatch(/[一-鿿]/);
  });

  it('keep their own name in Chinese, and in English where none is known', () => {
    expect(majorName(majors[0]!, 'zh')).toBe(majors[0]);
    expect(majorName('新的大类', 'en')).toBe('新的大类');
  });
});
