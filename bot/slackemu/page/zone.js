// Moments as people in different time zones see them.

const parts = (date, zone) => Object.fromEntries(new Intl.DateTimeFormat('en-GB', {
  timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
}).formatToParts(date).map((p) => [p.type, p.value]));

const show = (date, zone, options) => new Intl.DateTimeFormat('en-US', { timeZone: zone, ...options }).format(date);

export const dayOf = (date, zone) => { const p = parts(date, zone); return `${p.year}-${p.month}-${p.day}`; };
export const timeOf = (date, zone) => show(date, zone, { hour: 'numeric', minute: '2-digit' });
export const clockOf = (date, zone) => { const p = parts(date, zone); return `${p.hour}:${p.minute}`; };
export const zoneName = (date, zone) => new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'short' })
  .formatToParts(date).find((p) => p.type === 'timeZoneName')?.value ?? zone;

const ordinal = (n) => {
  const rest = n % 100;
  return n + ((rest > 10 && rest < 14) ? 'th' : ['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
};

function pretty(date, zone, now) {
  const day = 86400000;
  const name = { [dayOf(now, zone)]: 'Today', [dayOf(new Date(now - day), zone)]: 'Yesterday', [dayOf(new Date(+now + day), zone)]: 'Tomorrow' };
  return name[dayOf(date, zone)];
}

export const dividerOf = (date, zone, now) => pretty(date, zone, now)
  ?? show(date, zone, { weekday: 'long', month: 'long', day: 'numeric' });

function ago(date, now) {
  const minutes = Math.round((date - now) / 60000);
  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  if (Math.abs(minutes) < 60) return words.format(minutes, 'minute');
  if (Math.abs(minutes) < 1440) return words.format(Math.round(minutes / 60), 'hour');
  return words.format(Math.round(minutes / 1440), 'day');
}

// dateToken fills in the pattern of <!date^UNIX^PATTERN|fallback> for a reader in a zone.
export function dateToken(unix, pattern, zone, now) {
  const date = new Date(unix * 1000);
  const long = () => `${show(date, zone, { month: 'long' })} ${ordinal(Number(show(date, zone, { day: 'numeric' })))}, ${show(date, zone, { year: 'numeric' })}`;
  const short = () => show(date, zone, { month: 'short', day: 'numeric', year: 'numeric' });
  const full = () => `${show(date, zone, { weekday: 'long' })}, ${long()}`;
  const lower = (text) => text && text.toLowerCase();
  const forms = {
    date_num: () => dayOf(date, zone),
    date_slash: () => show(date, zone, { month: '2-digit', day: '2-digit', year: 'numeric' }),
    date: long, date_short: short, date_long: full,
    date_pretty: () => lower(pretty(date, zone, now)) ?? long(),
    date_short_pretty: () => lower(pretty(date, zone, now)) ?? short(),
    date_long_pretty: () => lower(pretty(date, zone, now)) ?? full(),
    time: () => timeOf(date, zone),
    time_secs: () => show(date, zone, { hour: 'numeric', minute: '2-digit', second: '2-digit' }),
    day_divider_pretty: () => dividerOf(date, zone, now),
    ago: () => ago(date, now),
  };
  const filled = pattern.replace(/\{(\w+)\}/g, (whole, name) => (forms[name] ? forms[name]() : whole));
  return filled.charAt(0).toUpperCase() + filled.slice(1);
}

// unixIn returns the moment at which clocks in a zone show a date (2026-03-01) and a time (02:00).
export function unixIn(zone, day, time) {
  const wanted = Date.parse(`${day}T${time}:00Z`);
  let guess = wanted;
  for (let i = 0; i < 3; i += 1) {
    const p = parts(new Date(guess), zone);
    guess += wanted - Date.parse(`${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:00Z`);
  }
  return Math.round(guess / 1000);
}
