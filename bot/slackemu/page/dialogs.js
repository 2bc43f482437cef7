// Questions and forms in front of the page. The browser's own <dialog> keeps the focus inside.
import { h } from './dom.js';
import { words } from './mrkdwn.js';

// confirmed asks a button's question and resolves to true or false.
export function confirmed(question, context) {
  return new Promise((resolve) => {
    const answer = (value) => { dialog.close(); dialog.remove(); resolve(value); };
    const dialog = h('dialog', { class: 'dialog small', 'data-testid': 'confirm', 'aria-labelledby': 'confirm-title', oncancel: (e) => { e.preventDefault(); answer(false); } },
      h('header', {}, h('h2', { id: 'confirm-title' }, question.title.text)),
      h('div', { class: 'dialog-body' }, h('p', {}, words(question.text, context))),
      h('footer', {},
        h('button', { type: 'button', class: 'button', 'data-testid': 'confirm-cancel', onclick: () => answer(false) }, question.deny.text),
        h('button', { type: 'button', class: `button ${question.style ?? 'primary'}`, 'data-testid': 'confirm-ok', autofocus: true, onclick: () => answer(true) }, question.confirm.text)));
    document.body.append(dialog);
    dialog.showModal();
  });
}

// form draws a modal view; body is what stands in it. "submit" and "close" are called with the dialog.
export function form(view, body, submit, close) {
  const dialog = h('dialog', { class: 'dialog', 'data-testid': 'modal', 'data-view': view.id, 'data-hash': view.hash, 'aria-labelledby': 'modal-title', oncancel: (e) => { e.preventDefault(); close(false); } },
    h('form', { novalidate: true, onsubmit: (e) => { e.preventDefault(); submit(dialog); } },
      h('header', {}, h('h2', { id: 'modal-title' }, view.title),
        h('button', { type: 'button', class: 'cross', 'aria-label': 'Close', onclick: () => close(true) }, '×')),
      h('div', { class: 'dialog-body' }, h('p', { class: 'error banner', 'data-testid': 'modal-error', role: 'alert', hidden: true }), body),
      h('footer', {},
        h('button', { type: 'button', class: 'button', 'data-testid': 'modal-close', onclick: () => close(false) }, view.close || 'Cancel'),
        view.submit && h('button', { type: 'submit', class: 'button primary', 'data-testid': 'modal-submit' }, view.submit))));
  return dialog;
}

// complain shows what is wrong with a submitted form: at its fields, or above all of them.
export function complain(dialog, delivery) {
  dialog.querySelectorAll('.error').forEach((e) => { e.hidden = true; });
  for (const [block, text] of Object.entries(delivery.errors ?? {})) {
    const place = [...dialog.querySelectorAll('[data-error-for]')].find((e) => e.dataset.errorFor === block);
    if (place) { place.textContent = text; place.hidden = false; }
  }
  if (delivery.error && !delivery.errors) {
    const banner = dialog.querySelector('.banner');
    banner.textContent = `We had some trouble connecting. Try again? (${delivery.error})`;
    banner.hidden = false;
  }
  dialog.querySelector('[data-error-for]:not([hidden])')?.parentElement.querySelector('input, select, textarea')?.focus();
}
