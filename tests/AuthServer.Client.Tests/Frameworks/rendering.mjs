// React in the page of a test. Import it after the page.

import { act, createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { delivered } from './page.mjs';

/** Does something, and waits until React has rendered its effects. */
export const acting = (work = () => {}) => act(async () => {
  await work();
  await delivered();
});

/** Renders an element in the page. */
export async function render(element, { into = document.body.appendChild(document.createElement('div')) } = {}) {
  const root = createRoot(into);
  await acting(() => root.render(element));
  return {
    root,
    rerender: (next) => acting(() => root.render(next)),
    unmount: () => acting(() => root.unmount()),
  };
}

export const h = createElement;
