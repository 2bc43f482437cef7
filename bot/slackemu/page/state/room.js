// The messages of one conversation.

export const isReply = (m) => Boolean(m.thread_ts) && m.thread_ts !== m.ts;

const byTime = (a, b) => (a.ts < b.ts ? -1 : 1);

// makeRoom returns an empty conversation: all messages, those that stand in the channel (top), and the replies below
// each. After put and drop, sort brings them in order.
export function makeRoom() {
  const known = new Map();
  const made = {
    all: [], top: [], replies: new Map(),
    put: (m) => known.set(m.ts, m),
    drop: (ts) => known.delete(ts),
    find: (ts) => known.get(ts),
    repliesTo: (ts) => made.replies.get(ts) ?? [],
    sort() {
      made.all = [...known.values()].sort(byTime);
      made.top = made.all.filter((m) => !isReply(m) || m.broadcast);
      made.replies = new Map();
      for (const m of made.all.filter(isReply)) {
        if (!made.replies.has(m.thread_ts)) made.replies.set(m.thread_ts, []);
        made.replies.get(m.thread_ts).push(m);
      }
    },
  };
  return made;
}
