// What may follow while somebody types a command: the commands of the manifest, and behind each what the embedder knows.
import { workspace } from '../state/store.js';
import { h } from './dom.js';

const word = (usage) => usage.split(' ')[0];

const choice = (typed, rest, help, write) => ({
  node: [h('code', {}, typed), h('span', {}, rest), h('small', {}, help)], 'data-testid': 'hint', 'data-value': typed, pick: () => write(`${typed} `),
});

// hintsFor returns the choices for a text, and about, a line on the command that is complete.
export function hintsFor(text, write) {
  const nothing = { choices: [], about: '' };
  if (!text.startsWith('/')) return nothing;
  const [, command, behind] = /^(\S+)(\s[\s\S]*)?$/.exec(text) ?? [];
  if (behind === undefined) return { ...nothing, choices: commandsLike(command, write) };
  const [, typed, more] = /^\s*(\S*)([\s\S]*)$/.exec(behind);
  const hints = workspace.hints.filter((hint) => hint.command === command);
  const exact = hints.find((hint) => word(hint.usage) === typed);
  if (exact) return { ...nothing, about: about(exact) };
  const like = more ? [] : hints.filter((hint) => word(hint.usage).startsWith(typed.toLowerCase()));
  return { ...nothing, choices: like.map((hint) => verb(hint, write)) };
}

const commandsLike = (typed, write) => workspace.commands.filter((c) => c.command.startsWith(typed))
  .map((c) => choice(c.command, ` ${c.usage_hint ?? ''}`, c.description, write));

function verb(hint, write) {
  const [first, ...rest] = hint.usage.split(' ');
  return choice(`${hint.command} ${first}`, ` ${rest.join(' ')}`, hint.help, write);
}

const about = (hint) => h('span', {}, h('code', {}, `${hint.command} ${hint.usage}`), ` ${hint.help}`);
