import { element } from '../account/dom.js';
import { text } from '../account/texts.js';

const CLAIM_TIMES = new Set(['iat', 'exp', 'nbf']);
const ring = document.getElementById('ring');
const seconds = document.getElementById('seconds');
const unit = document.getElementById('seconds-unit');
let session = null;
let end = 0;
let frame = 0;

/** Shows the rest of an access token's life as a ring, and the content of the token. Null shows none. */
export function showToken(shown) {
  session = shown;
  end = Date.now() + (session?.expiresAt ?? 0) - performance.now();
  cancelAnimationFrame(frame);
  list(document.getElementById('token-header'), session?.header ?? {});
  list(document.getElementById('token-claims'), session?.claims ?? {});
  if (session) {
    draw();
  }
}

function draw() {
  // performance.now() may stand still while the device is suspended.
  const left = Math.max(0, Math.min(session.expiresAt - performance.now(), end - Date.now()) / 1000);
  ring.setAttribute('stroke-dashoffset', String(1 - Math.min(1, left / session.expiresIn)));
  write(seconds, String(Math.ceil(left)));
  write(unit, text(left > 0 ? 'secondsLeft' : 'expired'));
  frame = left > 0 ? requestAnimationFrame(draw) : 0;
}

// Runs at each frame, so it changes the document only when the content changes.
function write(node, content) {
  if (node.textContent !== content) {
    node.textContent = content;
  }
}

function list(node, members) {
  node.replaceChildren(...Object.entries(members).flatMap(([name, value]) => [
    element('dt', { textContent: name }),
    element('dd', { textContent: CLAIM_TIMES.has(name) ? `${value} (${timeOf(value)})` : shown(value) }),
  ]));
}

function timeOf(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString();
}

function shown(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
