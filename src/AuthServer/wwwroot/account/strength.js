import { client } from './client.js';
import { element } from './dom.js';
import { text } from './texts.js';

const PAUSE_MS = 300;

/**
 * Adds a line that says how strong a new password is, by the server's own check. Without an answer it is empty.
 * @param {HTMLInputElement} input
 * @param {(estimate: object | null) => string} sentenceOf The sentence about a refusal, for each answer.
 * @returns {(account: object | false) => void} Asks for a password with the names of its user; with false it empties the line.
 */
export function addStrength(input, sentenceOf) {
  const line = element('p', { className: 'strength', 'aria-live': 'polite' });
  input.closest('.field').append(line);
  let asked = 'false';
  let timer;
  let isLimited = false;
  const show = (estimate) => {
    const { acceptable, score } = estimate ?? {};
    const words = [estimate && text('strength', { score: text(`score.${score}`) }), sentenceOf(estimate)].filter(Boolean);
    line.dataset.kind = acceptable ? score < 3 ? 'warn' : 'good' : 'bad';
    line.style.setProperty('--score', score);
    // A screen reader announces what changes.
    if (line.textContent !== words.join(' ')) {
      const [strength = '', ...rest] = words;
      line.replaceChildren(strength, ...rest.map((sentence) => element('span', { textContent: ` ${sentence}` })));
    }
  };
  return (account) => {
    const question = JSON.stringify(account);
    if (question === asked) {
      return;
    }

    asked = question;
    clearTimeout(timer);
    if (!account || isLimited) {
      return show(null);
    }

    timer = setTimeout(async () => {
      const estimate = await client.estimatePassword(account).catch((error) => {
        // Each refusal is an event of this address.
        isLimited = error.status === 429;
        return null;
      });
      // The user may have typed on.
      asked === question && show(estimate);
    }, PAUSE_MS);
  };
}
