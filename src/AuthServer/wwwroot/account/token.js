import { element } from './devices.js';
import { text } from './texts.js';

const CLAIM_TIMES = new Set(['iat', 'exp', 'nbf']);
const ring = document.getElementById('ring');
const seconds = document.getElementById('seconds');
const unit = document.getElementById('seconds-unit');
let session = null;
let frame = 0;

/** Shows the life of a session's access token as a ring that runs down, and what the token says; null stops that. */
export function showToken(shown) {
  session = shown;
  cancelAnimationFrame(frame);
  list(document.getElementById('token-header'), session?.header ?? {});
  list(document.getElementById('token-claims'), session?.claims ?? {});
  if (session) {
    draw();
  }
}

function draw() {
  const left = Math.max(0, (session.expiresAt - performance.now()) / 1000);
  ring.setAttribute('stroke-dashoffset', String(1 - Math.min(1, left / session.expiresIn)));
  write(seconds, String(Math.ceil(left)));
  write(unit, text(left > 0 ? 'secondsLeft' : 'expired'));
  frame = left > 0 ? requestAnimationFrame(draw) : 0;
}

// Only what changes is written, sixty times a second.
function write(node, content) {
  if (node.textContent !== content) {
    node.textContent = content;
  }
}

function list(node, members) {
  node.replaceChildren(...Object.entries(members).flatMap(([name, value]) => [
    element('dt', { textContent: name }),
    element('dd', { textContent: CLAIM_TIMES.has(name) ? `${value} (${new Date(value * 1000).toLocaleTimeString()})` : shown(value) }),
  ]));
}

function shown(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
