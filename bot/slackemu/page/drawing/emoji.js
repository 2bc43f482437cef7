// The emoji that ship as pictures: those that the bot's texts use. Others stay as they were typed.
import { h } from './dom.js';

const shipped = {
  alarm_clock: '⏰', arrows_counterclockwise: '🔄', bell: '🔔', black_square_for_stop: '⏹', calendar: '📆', checkered_flag: '🏁',
  grey_question: '❔', hourglass: '⌛', hourglass_flowing_sand: '⏳', information_source: 'ℹ', large_blue_circle: '🔵', large_yellow_circle: '🟡', lock: '🔒',
  no_entry_sign: '🚫', octagonal_sign: '🛑', rewind: '⏪', rotating_light: '🚨', twisted_rightwards_arrows: '🔀', warning: '⚠',
  white_check_mark: '✅', x: '❌',
};
const byCharacter = new Map(Object.entries(shipped).map(([name, character]) => [character, name]));
const found = new RegExp(`:([a-z0-9_+-]+):|(${[...byCharacter.keys()].join('|')})\\uFE0F?`, 'u');

// emoji draws one by its name.
export function emoji(name) {
  if (!shipped[name]) return `:${name}:`;
  return h('img', { class: 'emoji', src: `/_page/files/emoji/${name}.svg`, alt: name.replaceAll('_', ' '), 'data-emoji': name });
}

// withEmoji puts pictures in place of the :names: and the characters that have one.
export function withEmoji(text) {
  const drawn = [];
  for (let rest = text, at; rest; rest = rest.slice(at.index + at[0].length)) {
    at = found.exec(rest);
    if (!at) return [...drawn, rest];
    drawn.push(rest.slice(0, at.index), at[1] ? emoji(at[1]) : emoji(byCharacter.get(at[2])));
  }
  return drawn.filter((piece) => piece !== '');
}
