// Slack's mrkdwn as DOM nodes. The context says who reads: {me, zone, locale, now, users, channels, groups}.
import { h } from './dom.js';
import { withEmoji } from './emoji.js';
import { dateToken } from './zone.js';

export const unescape = (text) => text.replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: '<', gt: '>', amp: '&' })[name]);

export function mention(id, context) {
  const user = context.users.find((u) => u.id === id);
  const mine = id === context.me ? ' mine' : '';
  return h('span', { class: `mention${mine}`, 'data-mention': id }, `@${user ? user.real_name : id}`);
}

export function groupMention(id, label, context) {
  const group = context.groups.find((g) => g.id === id);
  return h('span', { class: 'mention', 'data-mention': id }, group ? `@${group.handle}` : label ?? id);
}

export const everybody = (range) => h('span', { class: 'mention', 'data-mention': range }, `@${range}`);

export function channelLink(id, label, context) {
  const channel = context.channels.find((c) => c.id === id);
  return h('span', { class: 'mention' }, `#${channel?.name ?? label ?? id}`);
}

// link makes a link only of what leads to the web or to mail.
export function link(url, label) {
  const safe = /^(https?:|mailto:)/i.test(url);
  if (!safe) return document.createTextNode(label ?? url);
  return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, label ?? url);
}

export function moment(unix, pattern, fallback, context) {
  if (!Number.isFinite(unix)) return document.createTextNode(fallback ?? '');
  return h('time', { datetime: new Date(unix * 1000).toISOString(), title: fallback || null, class: 'moment' },
    dateToken(unix, pattern, context));
}

function reference(inside, context) {
  const [target, label] = inside.split(/\|(.*)/s);
  if (target.startsWith('@')) return mention(target.slice(1), context);
  if (target.startsWith('#')) return channelLink(target.slice(1), label, context);
  if (target.startsWith('!date^')) {
    const [, unix, pattern, url] = target.split('^');
    const node = moment(Number(unix), unescape(pattern ?? '{date}'), unescape(label ?? ''), context);
    return url ? h('a', { href: /^https?:/.test(url) ? url : null, target: '_blank', rel: 'noopener noreferrer' }, node) : node;
  }
  if (target.startsWith('!subteam^')) return groupMention(target.slice(9), label, context);
  if (target.startsWith('!')) return everybody(target.slice(1));
  return link(unescape(target), label === undefined ? undefined : unescape(label));
}

const styles = { '*': 'strong', _: 'em', '~': 's' };
const pieces = /<([^<>\n]+)>|`([^`\n]+)`|(?<![\p{L}\p{N}*_~])([*_~])(?=\S)([^\n]*?\S)\3(?![\p{L}\p{N}])/u;

function inline(text, context, depth = 0) {
  const found = depth < 8 ? pieces.exec(text) : null;
  if (!found) return text ? withEmoji(unescape(text)) : [];
  const before = text.slice(0, found.index);
  const after = text.slice(found.index + found[0].length);
  let node;
  if (found[1] !== undefined) node = reference(found[1], context);
  else if (found[2] !== undefined) node = h('code', {}, unescape(found[2]));
  else node = h(styles[found[3]], {}, inline(found[4], context, depth + 1));
  return [...inline(before, context, depth), node, ...inlineRest(after, context)];
}

// inlineRest goes on behind a piece without nesting deeper.
const inlineRest = (text, context) => inline(text, context, 0);

function paragraph(text, context) {
  const nodes = [];
  for (const block of text.split(/((?:^(?:&gt;|>)[^\n]*(?:\n|$))+)/m)) {
    if (/^(&gt;|>)/.test(block)) {
      nodes.push(h('blockquote', {}, lines(block.replace(/\n$/, '').replace(/^(&gt;|>) ?/gm, ''), context)));
    } else if (block) {
      nodes.push(...lines(block, context));
    }
  }
  return nodes;
}

const lines = (text, context) => text.split('\n').flatMap((line, i) => (i ? [h('br'), ...inline(line, context)] : inline(line, context)));

export function mrkdwn(text, context) {
  return (text ?? '').split(/```\n?([\s\S]*?)```/).flatMap((part, i) => (
    i % 2 ? [h('pre', {}, unescape(part).replace(/\n$/, ''))] : paragraph(part, context)));
}

// words renders a text object.
export const words = (object, context) => {
  if (!object) return [];
  return object.type === 'mrkdwn' ? mrkdwn(object.text, context)
    : (object.text ?? '').split('\n').flatMap((line, i) => (i ? [h('br'), ...withEmoji(line)] : withEmoji(line)));
};
