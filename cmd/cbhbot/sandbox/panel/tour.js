// The tour: stories, a scene at a time. Whose eyes a scene is seen with, the page becomes first.
import { button, h, keyed, part, say } from './dom.js';

// wide is where a thread has room beside the panel.
const wide = matchMedia('(min-width: 1200px)');

export function tour(act, page) {
  let now = {};
  const title = h('p', { class: 'what', 'data-testid': 'story' });
  const sentence = h('p', { class: 'sentence', 'data-testid': 'scene', 'aria-live': 'polite' });
  const next = button('Next', { class: 'primary', 'data-do': 'scene' }, async () => {
    if (page.as() !== now.as) page.switchTo(now.as);
    page.openChannel(now.channel);
    if (await act({ do: 'scene' }) && now.card && wide.matches) page.openThread(now.channel, now.card);
  });
  const leave = button('Leave the story', { 'data-do': 'leave' }, () => act({ do: 'leave' }));
  const told = h('div', {}, title, sentence, h('div', { class: 'row' }, next, leave));
  const list = h('div', { class: 'row' });

  function draw({ tour: t }) {
    now = t;
    told.hidden = !t.name;
    list.hidden = Boolean(t.name);
    keyed(list, t.stories, (s) => s.name, (s) => button('', { 'data-do': `story ${s.name}` }, () => act({ do: 'story', name: s.name })),
      (element, s) => say(element, s.title));
    if (!t.name) return;
    const over = t.at === t.of;
    say(title, `${t.title} · ${over ? 'the end' : `${t.at + 1} of ${t.of}`}`);
    say(sentence, t.says);
    next.hidden = over;
  }
  return { element: part('tour', 'Tour', list, told), draw };
}
