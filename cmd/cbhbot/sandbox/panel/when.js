// Moments as the panel writes them: in UTC, because it belongs to nobody of the workspace.

const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: 'UTC' });

export const moment = (text) => day.format(new Date(text)).replace(',', '');
export const timeOfDay = (text) => clock.format(new Date(text));

// until is how long it is from one moment to another, in its two largest units.
export function until(from, to) {
  const minutes = Math.max(0, Math.round((new Date(to) - new Date(from)) / 60000));
  const units = [[Math.floor(minutes / 1440), 'd'], [Math.floor(minutes / 60) % 24, 'h'], [minutes % 60, 'min']].filter(([n]) => n > 0);
  return units.length === 0 ? 'in less than a minute' : `in ${units.slice(0, 2).map(([n, unit]) => `${n} ${unit}`).join(' ')}`;
}
