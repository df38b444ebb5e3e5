/** Times and durations in words; all clock times are those of the town, whatever the device says. */

export const ZONE = 'Asia/Shanghai';

export interface Words { key: string; values: Record<string, number> }

const HOUR = 60;
const DAY = 24 * HOUR;
/** One working day is eight working hours. */
const WORKDAY = 8 * HOUR;

/** A duration in minutes as a message key and its values: minutes below an hour, days from two days on. */
export function durationWords(minutes: number, working: boolean): Words {
  const total = Math.max(0, Math.round(minutes));
  const day = working ? WORKDAY : DAY;
  const name = working ? 'workdays' : 'days';
  if (total < HOUR) return { key: 'minutes', values: { m: total } };
  if (total >= 2 * day) {
    const d = Math.floor(total / day);
    const h = Math.floor((total % day) / HOUR);
    return h ? { key: `${name}Hours`, values: { d, h } } : { key: name, values: { d } };
  }
  const h = Math.floor(total / HOUR);
  const m = total % HOUR;
  return m ? { key: 'hoursMinutes', values: { h, m } } : { key: 'hours', values: { h } };
}

/** How long ago a time in ms was. */
export function agoWords(then: number, now: number): { key: string; n: number } {
  const minutes = Math.floor((now - then) / 60_000);
  if (minutes < 1) return { key: 'now', n: 0 };
  if (minutes < HOUR) return { key: 'minutes', n: minutes };
  if (minutes < DAY) return { key: 'hours', n: Math.floor(minutes / HOUR) };
  return { key: 'days', n: Math.floor(minutes / DAY) };
}

/** The parts of a limit such as '4h', '2d!' ('!' runs day and night); null if it is written otherwise. */
export function limitParts(limit: string): { amount: number; unit: 'h' | 'd' | 'm'; continuous: boolean } | null {
  const match = /^(\d+)([hdm])(!?)$/.exec(limit);
  return match ? { amount: Number(match[1]), unit: match[2] as 'h' | 'd' | 'm', continuous: match[3] === '!' } : null;
}

const dayFormat = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });

/** The calendar day of a time in ms, as yyyy-mm-dd. */
export function dayOf(time: number): string {
  return dayFormat.format(time);
}

/** Hours and minutes, e.g. 16:05. */
export function clockTime(iso: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
}

/** Date and time in full, in the language given. */
export function fullTime(iso: string, language: string): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'zh-CN', {
    timeZone: ZONE, year: 'numeric', month: 'short', day: 'numeric', weekday: 'short', hour: '2-digit', minute: '2-digit', hour12: false,
  }).format(new Date(iso));
}

/** The date with its weekday, in the language given. */
export function fullDay(iso: string, language: string): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'zh-CN', {
    timeZone: ZONE, year: 'numeric', month: 'short', day: 'numeric', weekday: 'short',
  }).format(new Date(iso));
}

/** The shortest date and time that is still plain: the time alone for today, month and day otherwise. */
export function shortTime(iso: string, now: number): string {
  const time = Date.parse(iso);
  const day = dayOf(time);
  if (day === dayOf(now)) return clockTime(iso);
  const date = day.slice(0, 4) === dayOf(now).slice(0, 4) ? day.slice(5) : day;
  return `${date} ${clockTime(iso)}`;
}
