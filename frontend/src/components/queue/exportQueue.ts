import type { OutboxItem } from '@/api/outbox';

const CHUNK = 0x8000;

function base64(bytes: ArrayBuffer): string {
  const all = new Uint8Array(bytes);
  let text = '';
  for (let at = 0; at < all.length; at += CHUNK) text += String.fromCharCode(...all.subarray(at, at + CHUNK));
  return btoa(text);
}

/** The queue as one JSON text with its photos inside: everything needed to send it from elsewhere. */
export async function queueAsText(items: readonly OutboxItem[], photo: (id: string) => Promise<ArrayBuffer | undefined>): Promise<string> {
  const list: unknown[] = [];
  for (const item of items) {
    const photos: Record<string, string> = {};
    for (const step of item.steps) {
      const bytes = step.kind === 'photo' ? await photo(step.id) : undefined;
      if (step.kind === 'photo' && bytes) photos[step.id] = `data:image/jpeg;base64,${base64(bytes)}`;
    }
    list.push({ ...item, photos });
  }
  return JSON.stringify({ format: 'gridmap-queue', version: 1, exported: new Date().toISOString(), items: list }, null, 1);
}

/** Lets the browser save a text as a file. */
export function saveAs(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
