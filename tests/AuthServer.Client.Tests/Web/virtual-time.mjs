// Time that passes for the client and for the server alike, when the script advances it.

import { readFile } from 'node:fs/promises';
import readline from 'node:readline';

const replies = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
let now = 0;

/** Sends the test a command, and waits until it is done. */
export async function ask(command) {
  console.log(`ask ${command}`);
  await replies.next();
}

/** Lets time pass, here and at the server. */
export async function advance(milliseconds) {
  now += milliseconds;
  await ask(`advance ${milliseconds}`);
}

const start = Date.now();
Date.now = () => start + now;

globalThis.virtualTime = {
  performance: { now: () => now },
  // Deferred, so that a timer which is cleared at once lets no time pass.
  setTimeout: (work, milliseconds) => setTimeout(() => { advance(milliseconds).then(work); }, 0),
};

/** The module, with this time in place of the platform's, which `fetch` goes on using. */
export async function importModule() {
  const source = await readFile(new URL('../../../src/AuthServer.Client.Web/authserver-client.js', import.meta.url), 'utf8');
  return import(`data:text/javascript,${encodeURIComponent(`const { performance, setTimeout } = virtualTime;\n${source}`)}`);
}

export const { performance } = globalThis.virtualTime;
