// What conversations are called.

const others = (channel, context) => channel.members.filter((id) => id !== context.me)
  .map((id) => context.users.find((u) => u.id === id)?.real_name ?? id);

// titleOf is the name of a conversation as its members see it, "#ops" or "Ana Approver, cbhbot".
export function titleOf(channel, context) {
  if (channel.kind === 'public') return `#${channel.name}`;
  if (channel.kind === 'private') return channel.name;
  return others(channel, context).join(', ');
}
