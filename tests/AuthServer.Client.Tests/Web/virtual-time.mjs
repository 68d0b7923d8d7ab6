// Time that passes for the module and for the server alike, when the one who runs this script says so.

import { readFile } from 'node:fs/promises';
import readline from 'node:readline';

const replies = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let now = 0;

/** Asks the test for something, and waits until it is done. */
export async function ask(command) {
  console.log(`ask ${command}`);
  await replies.next();
}

/** Lets time pass, here and at the server. */
export async function advance(milliseconds) {
  now += milliseconds;
  await ask(`advance ${milliseconds}`);
}

globalThis.virtualTime = {
  performance: { now: () => now },
  // Not before all is done that can be done at once: a timer that is cleared by then lets no time pass.
  setTimeout: (work, milliseconds) => setTimeout(() => { advance(milliseconds).then(work); }, 0),
};

/** The module, with this time in the place of the platform's, which `fetch` goes on using. */
export async function importModule() {
  const source = await readFile(new URL('../../../src/AuthServer.Client.Web/authserver-client.js', import.meta.url), 'utf8');
  return import(`data:text/javascript,${encodeURIComponent(`const { performance, setTimeout } = virtualTime;\n${source}`)}`);
}

export const { performance } = globalThis.virtualTime;
