/** A resident's report against a server that loses answers: nothing is sent twice as something else, nothing is lost. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PublicClass, ResidentReport } from '@/api/types';
import { useReporting, type Reporting } from '@/pages/resident/report';

let server: Server;
let heard: ResidentReport[];
let photos: number;
/** What the server does with the next requests: answers, or breaks the connection. */
let broken: { reports: number; photos: number };
let reporting: Reporting;

const litter: PublicClass = { key: 'S/event/0110', domain: 'event', code: '0110', name: '垃圾', name_en: 'Litter', pinyin: '', initials: '' };
const photo = (id: string) => ({ id, blob: new Blob([new Uint8Array([0xff, 0xd8])], { type: 'image/jpeg' }), url: '' });

beforeEach(async () => {
  setActivePinia(createPinia());
  heard = [];
  photos = 0;
  broken = { reports: 0, photos: 0 };
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const report = request.url!.endsWith('/reports');
      if (report) heard.push(JSON.parse(Buffer.concat(chunks).toString()) as ResidentReport);
      const breaks = report ? broken.reports-- > 0 : broken.photos-- > 0;
      if (breaks) return void response.destroy();
      if (!report) photos += 1;
      response.writeHead(201, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(report ? { number: '260101-000001', password: 'ABCD2345', qr: '', replayed: false } : { replayed: false }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(`http://127.0.0.1:${port}/`);
  reporting = useReporting();
  reporting.klass.value = litter;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

describe("a resident's report", () => {
  it('goes out again as the same one when its answer was lost', async () => {
    broken.reports = 1;
    await reporting.send('990101001001001');
    expect(reporting.receipt.value).toBeNull();
    expect(reporting.fault.value).not.toBe('');
    await reporting.send('990101001001001');
    expect(reporting.receipt.value?.number).toBe('260101-000001');
    expect(heard[1]).toEqual(heard[0]);
    expect(heard[0]!.key).not.toBe(heard[0]!.id);
  });

  it('is another one when its words were changed meanwhile', async () => {
    broken.reports = 1;
    await reporting.send('990101001001001');
    reporting.text.value = '在北门';
    await reporting.send('990101001001001');
    expect(heard[1]!.id).not.toBe(heard[0]!.id);
    expect(heard[1]!.key).not.toBe(heard[0]!.key);
  });

  it('sends only the photos again that did not arrive', async () => {
    broken.photos = 1;
    reporting.photos.value = [photo('a'), photo('b')];
    await reporting.send('990101001001001');
    expect([photos, reporting.left.value]).toEqual([1, 1]);
    await reporting.sendPhotos();
    expect([photos, reporting.left.value, heard.length]).toEqual([2, 0, 1]);
  });
});
