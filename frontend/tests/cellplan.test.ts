import { describe, expect, it } from 'vitest';
import { colours, drawing, figures, moveFaults, neighbours, pieces, type Border, type Unit } from '@/model/cellplan';
import examples from './cellplan.json';

const ground = examples.ground as unknown as { units: Unit[]; borders: Border[] };

describe('a plan of cells', () => {
  it.each(examples.plans)('has the figures that the server counts: $cells', (plan) => {
    figures(ground, plan.cells, plan.dedicated).forEach((one, cell) => {
      for (const [name, value] of Object.entries(plan.figures[cell]!)) {
        if (typeof value === 'number') expect(one[name as keyof typeof one]).toBeCloseTo(value, 4);
        else expect(one[name as keyof typeof one]).toBe(value);
      }
    });
  });
  it('knows where a block may go and what would fall apart', () => {
    expect(neighbours(ground, [0, 0, 1, 1, 2], 1)).toEqual([1, 2]);
    expect(moveFaults(ground, [0, 0, 1, 1, 2], 1, 2)).toEqual([]);
    expect(moveFaults(ground, [0, 0, 0, 1, 1], 0, 1)).toEqual([0, 1]);
    expect(pieces([0, 1, 4], ground.borders).map((piece) => piece.length)).toEqual([3]);
  });
  it('gives neighbours different colours', () => {
    const found = colours(ground, [0, 1, 2, 3, 4]);
    for (const [one, two] of ground.borders) expect(found[one]).not.toBe(found[two]);
  });
  it('draws what two blocks share once, with what lies on it', () => {
    const square = (west: number): object => ({ geometry: { type: 'Polygon', coordinates: [[[west, 0], [west + 1, 0], [west + 1, 1], [west, 1], [west, 0]]] } });
    const found = drawing({ units: [], borders: [[0, 1, 100, 1]] }, [square(0), square(1)] as never);
    expect(found.edges).toEqual([{ path: 'M500 0L500 500', one: 0, two: 1, kind: 1 }].map((edge) => expect.objectContaining({ ...edge, path: expect.any(String) })));
    expect(found.units).toHaveLength(2);
  });
});
