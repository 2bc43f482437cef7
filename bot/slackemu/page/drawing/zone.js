// Moments as people in different time zones and languages see them.

const formats = new Map();

// format is a formatter that is made once: making one takes far longer than using it.
function format(locale, options) {
  const key = JSON.stringify([locale, options]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale, options));
  return formats.get(key);
}

// parts are those of a date as Date.parse reads them: a year that is being typed has its first digit for a while.
const parts = (date, zone) => Object.fromEntries(format('en-GB', {
  timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
}).formatToParts(date).map((p) => [p.type, p.type === 'year' ? p.value.padStart(4, '0') : p.value]));

const show = (date, { zone, locale }, options) => format(locale, { timeZone: zone, ...options }).format(date);

export const dayOf = (date, zone) => { const p = parts(date, zone); return `${p.year}-${p.month}-${p.day}`; };
export const timeOf = (date, reader) => show(date, reader, { hour: 'numeric', minute: '2-digit' });
export const clockOf = (date, zone) => { const p = parts(date, zone); return `${p.hour}:${p.minute}`; };
export const zoneName = (date, zone) => format('en-US', { timeZone: zone, timeZoneName: 'short' })
  .formatToParts(date).find((p) => p.type === 'timeZoneName')?.value ?? zone;

const ordinal = (n) => {
  const rest = n % 100;
  return n + ((rest > 10 && rest < 14) ? 'th' : ['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
};

const day = 86400000;

// near is "today", "yesterday" or "tomorrow" in the reader's language, or nothing.
function near(date, { zone, locale, now }) {
  const away = [-1, 0, 1].find((n) => dayOf(date, zone) === dayOf(new Date(+now + n * day), zone));
  return away === undefined ? undefined : new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(away, 'day');
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export const dividerOf = (date, reader) => capital(near(date, reader) ?? show(date, reader, { weekday: 'long', month: 'long', day: 'numeric' }));

// fullOf is a moment in full, for whoever rests on a time.
export const fullOf = (date, reader) => show(date, reader, { dateStyle: 'full', timeStyle: 'medium' });

function ago(date, { locale, now }) {
  const minutes = Math.round((date - now) / 60000);
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  if (Math.abs(minutes) < 60) return words.format(minutes, 'minute');
  if (Math.abs(minutes) < 1440) return words.format(Math.round(minutes / 60), 'hour');
  return words.format(Math.round(minutes / 1440), 'day');
}

// longDate is "November 29th, 2026", and what other languages have for it.
function longDate(date, reader, weekday) {
  if (!reader.locale.startsWith('en')) return show(date, reader, { year: 'numeric', month: 'long', day: 'numeric', weekday });
  const named = (options) => show(date, reader, options);
  const text = `${named({ month: 'long' })} ${ordinal(Number(named({ day: 'numeric' })))}, ${named({ year: 'numeric' })}`;
  return weekday ? `${named({ weekday })}, ${text}` : text;
}

// dateToken fills in the pattern of <!date^UNIX^PATTERN|fallback> for a reader {zone, locale, now}
// (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
export function dateToken(unix, pattern, reader) {
  const date = new Date(unix * 1000);
  const long = () => longDate(date, reader);
  const full = () => longDate(date, reader, 'long');
  const short = () => show(date, reader, { month: 'short', day: 'numeric', year: 'numeric' });
  const forms = {
    date_num: () => dayOf(date, reader.zone),
    date_slash: () => show(date, reader, { month: '2-digit', day: '2-digit', year: 'numeric' }),
    date: long, date_short: short, date_long: full,
    date_pretty: () => near(date, reader) ?? long(),
    date_short_pretty: () => near(date, reader) ?? short(),
    date_long_pretty: () => near(date, reader) ?? full(),
    time: () => timeOf(date, reader),
    time_secs: () => show(date, reader, { hour: 'numeric', minute: '2-digit', second: '2-digit' }),
    day_divider_pretty: () => dividerOf(date, reader),
    ago: () => ago(date, reader),
  };
  return capital(pattern.replace(/\{(\w+)\}/g, (whole, name) => (forms[name] ? forms[name]() : whole)));
}

// unixIn returns the moment at which clocks in a zone show a date (2026-03-01) and a time (02:00).
export function unixIn(zone, date, time) {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  let guess = wanted;
  for (let i = 0; i < 3; i += 1) {
    const p = parts(new Date(guess), zone);
    guess += wanted - Date.parse(`${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:00Z`);
  }
  return Math.round(guess / 1000);
}
