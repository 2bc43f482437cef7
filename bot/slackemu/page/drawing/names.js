// What conversations and people are called.
import { h, icon } from './dom.js';
import { person } from '../state/store.js';

const others = (channel, me) => channel.members.filter((id) => id !== me).map((id) => person(id).real_name);

// titleOf is the name of a conversation as its members see it, "#ops" or "Ana Approver, cbhbot".
export function titleOf(channel, me) {
  if (channel.kind === 'public') return `#${channel.name}`;
  if (channel.kind === 'private') return channel.name;
  return others(channel, me).join(', ');
}

export function avatar(user) {
  const initials = user.real_name.split(/\s+/).map((w) => w[0]).slice(0, 2).join('').toUpperCase();
  const tint = [...user.id].reduce((sum, c) => sum + c.charCodeAt(0), 0) % 6;
  return h('span', { class: `avatar tint-${tint} ${user.is_bot ? 'bot' : ''}`, 'aria-hidden': 'true' }, user.is_bot ? icon('tick') : initials);
}
