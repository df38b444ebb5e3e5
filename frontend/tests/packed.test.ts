import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MOST_BYTES, packed } from '@/api/packed';

const LINE = '锦绣花园,3幢,2单元,501,3,1\n';

describe('files on their way to the server', () => {
  it('packs a large table so that it fits, whole', async () => {
    const text = LINE.repeat(800_000);
    const made = await packed(new File([text], '房屋.csv'));
    expect(text.length * 2).toBeGreaterThan(MOST_BYTES);
    expect(made.name).toBe('房屋.csv.gz');
    expect(made.size).toBeLessThan(1_000_000);
    expect(gunzipSync(Buffer.from(await made.arrayBuffer())).toString()).toBe(text);
  });

  it('leaves small files and those that are packed as they are', async () => {
    for (const file of [new File([LINE], 'a.csv'), new File([LINE.repeat(100_000)], 'a.xlsx')]) expect(await packed(file)).toBe(file);
  });
});
