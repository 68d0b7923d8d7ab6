import { element } from '../account/dom.js';
import { text } from '../account/texts.js';

const SHOWN = 5;
const WAITING_SHOWN_AFTER_MS = 1000;
const list = document.getElementById('calls');
const button = document.getElementById('call');
const keep = document.getElementById('keep-calling');
let work = async () => [];
let timer = 0;
let isCalling = false;

/** Sets the function that a call runs. It returns a status and a text about the outcome. */
export function onCall(call) {
  work = call;
}

/** Starts or stops a call every second. Meanwhile calls are not announced, or a screen reader would never be silent. */
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

// One call at a time, or calls would pile up when the server is slow.
async function call() {
  if (isCalling) {
    return;
  }

  isCalling = true;
  const start = performance.now();
  const waiting = setTimeout(() => log('', text('waiting'), '').classList.add('waiting'), WAITING_SHOWN_AFTER_MS);
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
