// A list that may hold thousands of messages, of which it draws those in sight and some around them.
import { h, icon, keep } from './dom.js';

const first = 60; // how many are drawn at the end of the list
const most = 120; // how many are drawn at most
const step = 10; // how many are added where somebody scrolls to
const margin = 1200; // pixels beyond the sight that are drawn

// makeList returns an empty list. Its show(items, rows) draws items; rows(from, to) makes the drawn part of them into
// children for keep().
export function makeList(attributes) {
  const scroller = h('div', { class: 'messages', tabindex: '0', role: 'log', onscroll: () => roll(), ...attributes });
  const jump = h('button', { type: 'button', class: 'jump', hidden: true, onclick: () => { toEnd(); scroller.focus(); } }, icon('down'), ' Latest');
  const node = h('div', { class: 'list' }, scroller, jump);
  let count = 0;
  let from = 0;
  let to = 0;
  let make = () => [];
  let end = true; // the last message was in sight when the list was drawn or scrolled

  const below = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  const toBottom = () => { scroller.scrollTop = scroller.scrollHeight; };
  new ResizeObserver(() => { if (end) toBottom(); }).observe(scroller);

  function show(total, rows) {
    const stay = count === 0 || end;
    const all = to === count;
    [count, make] = [total, rows];
    if (stay) { toEnd(); return; }
    to = Math.min(all ? count : to, count);
    from = Math.min(from, to);
    draw();
  }

  function toEnd() {
    to = count;
    from = Math.max(0, to - first);
    keep(scroller, make(from, to));
    toBottom();
    offer();
  }

  // draw keeps what is in sight where it is, whatever comes or goes above it.
  function draw() {
    const top = scroller.getBoundingClientRect().top;
    const anchor = [...scroller.children].find((c) => c.dataset.ts && c.getBoundingClientRect().bottom > top);
    const before = anchor?.getBoundingClientRect().top;
    keep(scroller, make(from, to));
    if (anchor?.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - before;
    offer();
  }

  function roll() {
    if (from > 0 && scroller.scrollTop < margin) extend(Math.max(0, from - step), Math.min(to, from - step + most));
    else if (to < count && below() < margin) extend(Math.max(from, to + step - most), Math.min(count, to + step));
    else offer();
  }

  function extend(nextFrom, nextTo) {
    [from, to] = [nextFrom, nextTo];
    draw();
  }

  // offer shows the way back to the last message when that is far away.
  function offer() {
    end = to === count && below() < 60;
    jump.hidden = to === count && below() < 400;
  }

  return { node, show };
}
