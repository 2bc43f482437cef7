// The renderer writes dates in English only. Slack writes them in the reader's
// language (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).

const tokens = {
  date_num: { year: "numeric", month: "2-digit", day: "2-digit" },
  date_slash: { year: "numeric", month: "2-digit", day: "2-digit" },
  date_short: { year: "numeric", month: "short", day: "numeric" },
  date_long: { year: "numeric", month: "long", day: "numeric", weekday: "long" },
  date_long_full: { year: "numeric", month: "long", day: "numeric" },
  date: { year: "numeric", month: "long", day: "numeric" },
  time: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  time_secs: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
};

// dateIn writes a date token in a language.
export function dateIn(language, { timestamp, format }) {
  const at = new Date(Number(timestamp) * 1000);
  return format.replace(/\{(\w+?)(_pretty)?\}/g, (whole, token, pretty) => {
    if (!tokens[token]) return whole; // which the check finds
    return pretty && nearDay(language, at) || at.toLocaleString(language, tokens[token]);
  });
}

// nearDay is "today" and the like, or nothing.
function nearDay(language, at) {
  const day = when => Math.round(Date.UTC(when.getFullYear(), when.getMonth(), when.getDate()) / 86_400_000);
  const days = day(at) - day(new Date());
  return Math.abs(days) <= 1 && new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
}
