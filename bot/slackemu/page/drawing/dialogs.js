// Questions and forms in front of the page. The browser's own <dialog> keeps the focus inside, and brings it back to what
// is still there.
import { focusIn, h, icon } from './dom.js';
import { withEmoji } from './emoji.js';
import { words } from './mrkdwn.js';

// confirmed asks a button's question and resolves to true or false.
export function confirmed(question, context) {
  return new Promise((resolve) => {
    const back = focusIn(document.body);
    const answer = (value) => { dialog.close(); dialog.remove(); back(); resolve(value); };
    const dialog = h('dialog', {
      class: 'dialog small', 'data-testid': 'confirm', 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-text',
      oncancel: (e) => { e.preventDefault(); answer(false); },
    },
    h('header', {}, h('h2', { id: 'confirm-title' }, withEmoji(question.title.text))),
    h('div', { class: 'dialog-body' }, h('p', { id: 'confirm-text' }, words(question.text, context))),
    h('footer', {},
      h('button', { type: 'button', class: 'button', 'data-testid': 'confirm-cancel', onclick: () => answer(false) }, question.deny.text),
      h('button', { type: 'button', class: `button ${question.style ?? 'primary'}`, 'data-testid': 'confirm-ok', autofocus: true, onclick: () => answer(true) }, question.confirm.text)));
    document.body.append(dialog);
    dialog.showModal();
  });
}

// form draws a modal view; body is what stands in it. "submit" and "close" are called with the dialog.
export function form(view, body, submit, close) {
  return h('dialog', {
    class: 'dialog', 'data-testid': 'modal', 'data-view': view.id, 'data-hash': view.hash, 'aria-labelledby': 'modal-title',
    oncancel: (e) => { e.preventDefault(); close(false); },
  },
  h('form', { novalidate: true, onsubmit: (e) => { e.preventDefault(); submit(e.currentTarget.parentElement); } },
    h('header', {}, h('h2', { id: 'modal-title' }, withEmoji(view.title)),
      h('button', { type: 'button', class: 'cross', 'aria-label': 'Close', onclick: () => close(true) }, icon('cross'))),
    h('div', { class: 'dialog-body', tabindex: '-1' }, h('p', { class: 'error banner', 'data-testid': 'modal-error', role: 'alert', hidden: true }), body),
    h('footer', {},
      h('button', { type: 'button', class: 'button', 'data-testid': 'modal-close', onclick: () => close(false) }, view.close || 'Cancel'),
      view.submit && h('button', { type: 'submit', class: 'button primary', 'data-testid': 'modal-submit' }, view.submit))));
}

// complain shows what is wrong with a submitted form: at its fields, or above all of them.
export function complain(dialog, delivery) {
  dialog.querySelectorAll('.error').forEach((e) => { e.hidden = true; });
  dialog.querySelectorAll('[aria-invalid]').forEach((e) => { e.removeAttribute('aria-invalid'); e.removeAttribute('aria-errormessage'); });
  for (const [block, text] of Object.entries(delivery.errors ?? {})) {
    const place = [...dialog.querySelectorAll('[data-error-for]')].find((e) => e.dataset.errorFor === block);
    if (place) blame(place, text);
  }
  if (delivery.error && !delivery.errors) {
    const banner = dialog.querySelector('.banner');
    banner.textContent = `We had some trouble connecting. Try again? (${delivery.error})`;
    banner.hidden = false;
  }
  dialog.querySelector('[data-error-for]:not([hidden])')?.parentElement.querySelector('input, select, textarea')?.focus();
}

function blame(place, text) {
  place.textContent = text;
  place.hidden = false;
  const field = place.parentElement.querySelector('input, select, textarea');
  field?.setAttribute('aria-invalid', 'true');
  field?.setAttribute('aria-errormessage', place.id);
}
