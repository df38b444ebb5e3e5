import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { majorName } from '@/components/report/majors';

describe('groups of the catalogue', () => {
  const [head, ...rows] = readFileSync(resolve('../incidents/data/classes.csv'), 'utf8').trim().split('\n').map((row) => row.split(','));
  const [chinese, english] = ['major', 'major_en'].map((name) => head!.indexOf(name)) as [number, number];
  const majors = new Map(rows.map((row) => [row[chinese]!, row[english]!]));

  it('have the English names of the catalogue', () => {
    expect(majors.size).toBeGreaterThan(5);
    for (const [name, name_en] of majors) expect(majorName(name, 'en')).toBe(name_en);
  });

  it('keep their own name in Chinese, and in English where none is known', () => {
    for (const name of majors.keys()) expect(majorName(name, 'zh')).toBe(name);
    expect(majorName('新的大类', 'en')).toBe('新的大类');
  });
});
