import { element } from './devices.js';
import { text } from './texts.js';

const SHOWN = 5;
const PATIENCE = 1000;
const list = document.getElementById('calls');
const button = document.getElementById('call');
const keep = document.getElementById('keep-calling');
let work = async () => [];
let timer = 0;
let isCalling = false;

/** Sets what a call does: it returns a status and what came of it. */
export function onCall(call) {
  work = call;
}

/** Calls every second, or stops that. Nothing is announced meanwhile, or a screen reader would not stop talking. */
export function keepCalling(on) {
  clearInterval(timer);
  keep.checked = on;
  list.setAttribute('aria-live', on ? 'off' : 'polite');
  timer = on ? setInterval(call, 1000) : 0;
}

export function clearCalls() {
  list.replaceChildren();
}

button.addEventListener('click', call);
keep.addEventListener('change', () => keepCalling(keep.checked));

// One at a time: where the server is slow, calls would pile up.
async function call() {
  if (isCalling) {
    return;
  }

  isCalling = true;
  const start = performance.now();
  const waiting = setTimeout(() => log('', text('waiting'), '').classList.add('waiting'), PATIENCE);
  try {
    const [status, outcome] = await work();
    list.querySelector('.waiting')?.remove();
    log(status, outcome, `${Math.round(performance.now() - start)} ms`);
  } finally {
    clearTimeout(waiting);
    isCalling = false;
  }
}

function log(status, outcome, took) {
  const parts = [['strong', status], ['span', outcome], ['span', took]];
  const entry = element('li', {}, ...parts.map(([tag, content]) => element(tag, { textContent: content })));
  list.prepend(entry);
  list.children[SHOWN]?.remove();
  return entry;
}
