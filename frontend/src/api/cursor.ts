/**
 * What this client has surely seen of each stream of the event log: the rule that makes live updates gap-free.
 *
 * A stream is numbered without gaps, but a socket hears only its own groups of it. So every frame says which event its
 * group was sent before (`prev`); if we know that one, nothing is missing. Otherwise the log is asked from `base`, the
 * position up to which everything in our scope has been applied. No sockets and no timers here.
 */
import type { Cursors, EventsAnswer, LogEvent } from './types';

interface Stream {
  epoch: string;
  base: number;
  /** Sequence numbers above base that were applied already. */
  applied: Set<number>;
  /** The log must be read at least up to here before base may follow the heartbeat; 0 when nothing is missing. */
  owed: number;
}

export interface FrameOfEvents {
  group: string;
  stream: string;
  epoch: string;
  prev: number;
  events: LogEvent[];
}

export class StreamCursors {
  private streams = new Map<string, Stream>();
  private lastOfGroup = new Map<string, number>();
  private everything = false;

  /** Starts from a snapshot's cursors, which are lower bounds of what the snapshot shows. */
  seed(cursors: Cursors): void {
    for (const [name, cursor] of Object.entries(cursors)) {
      const known = this.streams.get(name);
      if (known && known.epoch === cursor.epoch && known.base >= cursor.seq) continue;
      this.rebase(name, cursor);
    }
  }

  /** Forgets all positions: the next snapshot begins anew. */
  clear(): void {
    this.streams.clear();
    this.lastOfGroup.clear();
    this.everything = false;
  }

  /** True while the log must be asked before the picture is complete. */
  get missing(): boolean {
    return this.everything || [...this.streams.values()].some((stream) => stream.owed > stream.base);
  }

  /** A new connection: groups begin anew, and whatever happened meanwhile is owed. */
  welcome(heads: Cursors): void {
    this.lastOfGroup.clear();
    for (const [name, head] of Object.entries(heads)) this.owe(name, head);
  }

  /** The server dropped payloads for us. */
  behind(): void {
    this.everything = true;
  }

  /** Takes a frame and returns the events not seen before; a gap before them is noted in `missing`. */
  frame(frame: FrameOfEvents): LogEvent[] {
    const stream = this.stream(frame.stream, frame.epoch);
    if (stream.epoch !== frame.epoch) {
      stream.owed = Infinity;
      return frame.events.slice();
    }
    const key = `${frame.group} ${frame.stream}`;
    const contiguous = frame.prev <= Math.max(stream.base, this.lastOfGroup.get(key) ?? 0);
    if (!contiguous) stream.owed = Math.max(stream.owed, frame.prev);
    const last = frame.events.at(-1);
    if (last) this.lastOfGroup.set(key, last.seq);
    return frame.events.filter((event) => this.isFresh(stream, event.seq));
  }

  /** Everything up to these heads was sent to us, so base may follow unless something is still owed. */
  heartbeat(heads: Cursors): void {
    if (this.everything) return;
    for (const [name, head] of Object.entries(heads)) {
      const stream = this.stream(name, head.epoch);
      if (stream.epoch !== head.epoch) stream.owed = Infinity;
      else if (stream.owed <= stream.base) this.advance(stream, head.seq);
    }
  }

  /** The question for GET /api/events: one "stream:epoch:seq" for each stream. */
  since(): string[] {
    return [...this.streams].map(([name, stream]) => `${name}:${stream.epoch}:${stream.base}`);
  }

  /** Takes the log's answer and returns its events not seen before; `missing` tells whether to ask again. */
  answer(answer: EventsAnswer): LogEvent[] {
    const fresh = answer.events.filter((event) => {
      const stream = this.stream(event.stream, answer.cursors[event.stream]?.epoch ?? '');
      return this.isFresh(stream, event.seq);
    });
    const gone = new Set(answer.reset.map((reset) => reset.stream));
    for (const [name, cursor] of Object.entries(answer.cursors)) {
      if (gone.has(name)) continue;
      const stream = this.stream(name, cursor.epoch);
      if (stream.epoch === cursor.epoch) this.advance(stream, cursor.seq);
    }
    if (!answer.more) this.everything = false;
    return fresh;
  }

  private owe(name: string, head: Cursors[string]): void {
    const stream = this.stream(name, head.epoch);
    stream.owed = stream.epoch === head.epoch ? Math.max(stream.owed, head.seq) : Infinity;
  }

  private stream(name: string, epoch: string): Stream {
    const known = this.streams.get(name);
    return known ?? this.rebase(name, { epoch, seq: 0 });
  }

  private rebase(name: string, cursor: Cursors[string]): Stream {
    const old = this.streams.get(name);
    const same = old?.epoch === cursor.epoch ? old : null;
    const stream: Stream = { epoch: cursor.epoch, base: 0, applied: same?.applied ?? new Set(), owed: same?.owed ?? 0 };
    this.advance(stream, cursor.seq);
    this.streams.set(name, stream);
    return stream;
  }

  private isFresh(stream: Stream, seq: number): boolean {
    if (seq <= stream.base || stream.applied.has(seq)) return false;
    stream.applied.add(seq);
    return true;
  }

  private advance(stream: Stream, seq: number): void {
    if (seq <= stream.base) return;
    stream.base = seq;
    for (const number of stream.applied) if (number <= seq) stream.applied.delete(number);
  }
}
