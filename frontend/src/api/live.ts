/** The only socket of the client: live frames in, events out, complete and once each (see cursor.ts for the rule). */
import { StreamCursors } from './cursor';
import { fetchEvents, fetchMe } from './endpoints';
import { nextLiveState, OFF, reconnectDelay, type LiveSignal, type LiveState } from './livestate';
import type { Cursors, Frame, LogEvent, WorkerPosition } from './types';

const SILENCE = 8_000;
const OPENING = 10_000;
const TOLD_FOR = 6_000;
const MOST_ROUNDS = 4;

export type SnapshotReason = 'start' | 'reset' | 'scope';

export interface LiveListener {
  /** New events in the order of their streams; `live` is false for those that a catch-up brought. */
  events(events: LogEvent[], live: boolean): void;
  positions?(workers: WorkerPosition[], whole: boolean): void;
  /** Load the whole picture (again) and return its cursors. */
  snapshot(reason: SnapshotReason, signal: AbortSignal): Promise<Cursors>;
  state(state: LiveState): void;
}

export class LiveConnection {
  private readonly cursors = new StreamCursors();
  private readonly listener: LiveListener;
  private readonly address: string;
  private socket: WebSocket | null = null;
  private state: LiveState = OFF;
  private attempt = 0;
  /** When the last message came, in ms of the clock: a silent link is broken since then, not since we noticed. */
  private heard: number | null = null;
  private running = false;
  /** True once this socket has said welcome. */
  private greeted = false;
  private mending: AbortController | null = null;
  private groups: string | null = null;
  private wasBehind = false;
  /** The server was told that we have caught up; what it dropped until it heard so is still to be read. */
  private resuming = false;
  private resnapshot: SnapshotReason | null = 'start';
  private silence: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private telling: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: LiveListener, address = liveAddress()) {
    this.listener = listener;
    this.address = address;
  }

  /** Loads the snapshot, connects, and stays connected until `stop`. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.resnapshot = 'start';
    this.signal({ type: 'start' });
    window.addEventListener('online', this.hurry);
    document.addEventListener('visibilitychange', this.hurry);
    this.mend();
    this.open();
  }

  stop(): void {
    this.running = false;
    window.removeEventListener('online', this.hurry);
    document.removeEventListener('visibilitychange', this.hurry);
    this.drop();
    this.cursors.clear();
    this.signal({ type: 'stop' });
    for (const timer of [this.silence, this.retry, this.telling]) clearTimeout(timer);
  }

  private readonly hurry = (): void => {
    if (document.visibilityState !== 'hidden') this.open();
  };

  private open(): void {
    clearTimeout(this.retry);
    if (!this.running || this.socket) return;
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.watch(OPENING);
    socket.onmessage = (message) => {
      this.heard = Date.now();
      this.watch(SILENCE);
      for (const frame of JSON.parse(message.data as string) as Frame[]) this.take(frame);
    };
    socket.onclose = () => this.lost();
  }

  private watch(milliseconds: number): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(), milliseconds);
  }

  private drop(): void {
    this.mending?.abort();
    this.mending = null;
    this.greeted = this.wasBehind = this.resuming = false;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private lost(): void {
    clearTimeout(this.silence);
    clearTimeout(this.retry);
    this.drop();
    if (!this.running) return;
    this.signal({ type: 'lost', now: this.heard ?? Date.now() });
    this.retry = setTimeout(() => this.open(), reconnectDelay(this.attempt));
    this.attempt += 1;
    // A session that has ended closes the socket too; any request then brings the sign-in up instead of retrying for ever.
    if (this.attempt === 3) void fetchMe({ unauthorized: 'ask' }).catch(() => undefined);
  }

  private take(frame: Frame): void {
    if (this.resuming && frame.type !== 'behind') {
      this.resuming = false;
      this.cursors.behind();
    }
    switch (frame.type) {
      case 'welcome':
        this.greeted = true;
        this.scoped(frame.groups);
        this.cursors.welcome(frame.streams);
        break;
      case 'events': {
        const fresh = this.cursors.frame(frame);
        if (fresh.length) this.listener.events(fresh, true);
        break;
      }
      case 'heartbeat':
        if (!this.mending) this.cursors.heartbeat(frame.streams);
        break;
      case 'behind':
        this.wasBehind = true;
        this.cursors.behind();
        break;
      case 'scope':
        this.resnapshot = 'scope';
        break;
      case 'positions':
        this.listener.positions?.(frame.workers, frame.whole);
        return;
    }
    this.mend();
  }

  /** Grants may have changed while nobody could tell us: other groups than last time mean another picture. */
  private scoped(groups: readonly string[]): void {
    const now = groups.join(' ');
    if (this.groups !== null && this.groups !== now) this.resnapshot = 'scope';
    this.groups = now;
  }

  /** Fills what is missing from the log or from a new snapshot: one at a time, and again if more went missing meanwhile. */
  private mend(): void {
    if (this.mending) return;
    if (!this.resnapshot && !this.cursors.missing) {
      if (this.greeted && this.state.phase !== 'live') this.signal({ type: 'complete', events: 0 });
      return;
    }
    const mending = new AbortController();
    this.mending = mending;
    if (this.greeted) this.signal({ type: 'catching' });
    void this.fill(mending.signal).then(
      (events) => { if (this.mending === mending) this.mended(events); },
      () => { if (this.mending === mending) this.unmended(); },
    );
  }

  private mended(events: number): void {
    this.mending = null;
    if (this.greeted) this.signal({ type: 'complete', events });
    this.mend();
  }

  private unmended(): void {
    this.mending = null;
    if (this.greeted) this.lost();
  }

  private async fill(signal: AbortSignal): Promise<number> {
    let count = 0;
    for (let round = 0; this.resnapshot || this.cursors.missing; round += 1) {
      if (round === MOST_ROUNDS) {
        this.resnapshot = 'reset';
        throw new Error('the log and the snapshot do not meet');
      }
      if (this.resnapshot) await this.fillFromSnapshot(this.resnapshot, signal);
      else count += await this.fillFromLog(signal);
    }
    if (this.wasBehind && this.greeted) {
      this.wasBehind = false;
      this.resuming = true;
      this.socket?.send(JSON.stringify({ type: 'caught_up' }));
    }
    return count;
  }

  private async fillFromSnapshot(reason: SnapshotReason, signal: AbortSignal): Promise<void> {
    this.resnapshot = null;
    try {
      const cursors = await this.listener.snapshot(reason, signal);
      signal.throwIfAborted();
      if (reason !== 'start') this.cursors.clear();
      this.cursors.seed(cursors);
    } catch (error) {
      this.resnapshot ??= reason;
      throw error;
    }
  }

  private async fillFromLog(signal: AbortSignal): Promise<number> {
    let count = 0;
    let more = true;
    while (more) {
      const answer = await fetchEvents(this.cursors.since(), { signal });
      signal.throwIfAborted();
      const fresh = this.cursors.answer(answer);
      count += fresh.length;
      if (fresh.length) this.listener.events(fresh, false);
      if (answer.reset.length) this.resnapshot = 'reset';
      more = answer.more && !this.resnapshot;
    }
    return count;
  }

  private signal(signal: LiveSignal): void {
    this.state = nextLiveState(this.state, signal);
    this.listener.state(this.state);
    clearTimeout(this.telling);
    if (this.state.caughtUp !== null) this.telling = setTimeout(() => this.signal({ type: 'told' }), TOLD_FOR);
  }
}

function liveAddress(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/live`;
}
