// Time that passes for the module and for the server alike, when the one who runs this script says so.

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

globalThis.performance = { now: () => now };
globalThis.setTimeout = (work, milliseconds) => { advance(milliseconds).then(work); };
