/** The live connection against a real server on loopback that breaks, forgets, drops and falls silent. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import { LiveConnection, type SnapshotReason } from '@/api/live';
import type { LiveState } from '@/api/livestate';
import type { Cursors, EventsAnswer, Frame, LogEvent } from '@/api/types';

const STREAM = '990101001';

let server: Server;
let sockets: WebSocketServer;
let open: ServerSocket[];
let said: string[];
let log: LogEvent[];
let asked: string[];
let reset: boolean;
let live: LiveConnection;
let seen: number[];
let states: LiveState[];
let snapshots: SnapshotReason[];

const head = (): Cursors => ({ [STREAM]: { epoch: 'e', seq: log.length } });
const last = (): LiveState => states.at(-1)!;

function event(seq: number): LogEvent {
  return { stream: STREAM, seq, kind: 'area.changed', at: '', area: STREAM, object: String(seq), version: 1, payload: {} };
}

function write(count = 1): void {
  for (let index = 0; index < count; index += 1) log.push(event(log.length + 1));
}

function send(frame: Frame): void {
  open.at(-1)!.send(JSON.stringify([frame]));
}

/** Sends the newest events as the hub does; `prev` is what the group was sent before them. */
function push(count: number, prev = log.length - count): void {
  send({ type: 'events', group: 'a', stream: STREAM, epoch: 'e', prev, events: log.slice(log.length - count) });
}

function answerSince(address: string): EventsAnswer {
  const since = Number(new URL(address, 'http://x').searchParams.get('since')!.split(':')[2]);
  if (reset) return { events: [], cursors: {}, reset: [{ stream: STREAM, reason: 'purged' }], more: false };
  return { events: log.slice(since), cursors: head(), reset: [], more: false };
}

beforeEach(async () => {
  [open, said, log, asked, seen, states, snapshots, reset] = [[], [], [], [], [], [], [], false];
  server = createServer((request, response) => {
    asked.push(request.url!);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answerSince(request.url!)));
  });
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    open.push(socket);
    socket.on('message', (data) => { said.push(String(data)); });
    send({ type: 'welcome', groups: ['a'], streams: head(), heartbeat: 5 });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(`http://127.0.0.1:${port}/`);
  live = new LiveConnection({
    events: (events) => { seen.push(...events.map((one) => one.seq)); },
    snapshot: async (reason) => {
      snapshots.push(reason);
      reset = false;
      return head();
    },
    state: (state) => { states.push(state); },
  }, `ws://127.0.0.1:${port}/ws/live`);
});

afterEach(async () => {
  vi.useRealTimers();
  live.stop();
  for (const socket of sockets.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

async function started(): Promise<void> {
  live.start();
  await vi.waitFor(() => expect(last().phase).toBe('live'));
}

describe('the live connection', () => {
  it('loads the picture once and hears what comes after', async () => {
    write(5);
    await started();
    write();
    push(1);
    await vi.waitFor(() => expect(seen).toEqual([6]));
    expect(snapshots).toEqual(['start']);
    expect(asked).toEqual([]);
  });

  it('asks the log for what a frame shows to be missing', async () => {
    await started();
    write(4);
    push(1, 3);
    await vi.waitFor(() => expect(seen.toSorted()).toEqual([1, 2, 3, 4]));
    expect(asked).toEqual([`/api/events?since=${STREAM}%3Ae%3A0`]);
  });

  it('reconnects after a break and tells how much it caught up', async () => {
    await started();
    open[0]!.terminate();
    await vi.waitFor(() => expect(last().phase).toBe('broken'));
    write(7);
    await vi.waitFor(() => expect(last()).toMatchObject({ phase: 'live', caughtUp: 7 }), 5000);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(states.map((state) => state.phase)).toContain('catching');
  });

  it('takes a silent link for a broken one, since the last word', async () => {
    await started();
    const silent = open[0]!;
    const since = Date.now();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    send({ type: 'heartbeat', streams: head(), at: '' });
    await new Promise((resolve) => setImmediate(resolve));
    await vi.waitFor(() => { vi.advanceTimersByTime(1000); expect(last().phase).toBe('broken'); }, { interval: 1 });
    expect(Date.now() - since).toBeLessThan(10_000);
    expect(last().brokenSince! - since).toBeLessThan(1000);
    await new Promise<void>((resolve) => { if (silent.readyState === silent.CLOSED) resolve(); else silent.on('close', () => resolve()); });
  });

  it('loads a new picture when the log cannot go on from where it stands', async () => {
    await started();
    write(3);
    reset = true;
    push(1, 2);
    await vi.waitFor(() => expect(snapshots).toEqual(['start', 'reset']));
    write();
    push(1);
    await vi.waitFor(() => expect(seen).toContain(4));
  });

  it('loads a new picture when the grants have changed', async () => {
    await started();
    send({ type: 'scope' });
    await vi.waitFor(() => expect(snapshots).toEqual(['start', 'scope']));
    await vi.waitFor(() => expect(last().phase).toBe('live'));
  });

  it('catches up when the server dropped something, says so, and reads once more what was dropped until then', async () => {
    await started();
    write(3);
    send({ type: 'behind' });
    await vi.waitFor(() => expect(said).toEqual(['{"type":"caught_up"}']));
    expect(seen).toEqual([1, 2, 3]);
    // Dropped before the server heard "caught_up"; its next heartbeat already counts it.
    write(2);
    send({ type: 'heartbeat', streams: head(), at: '' });
    await vi.waitFor(() => expect(seen).toEqual([1, 2, 3, 4, 5]));
  });

  it('is quiet after stop', async () => {
    await started();
    live.stop();
    expect(last().phase).toBe('off');
    await vi.waitFor(() => expect(open[0]!.readyState).toBe(open[0]!.CLOSED));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(open).toHaveLength(1);
  });
});
