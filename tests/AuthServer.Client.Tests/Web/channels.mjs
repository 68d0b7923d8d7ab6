// Messages between tabs in place of the platform's, which arrive in their own time: a test would have to sleep.

/** The channels that are open: one for each client that is not closed. */
export const channels = new Set();

/** A `BroadcastChannel` of one process. Each message is a copy, and arrives in a task of its own. */
export class FakeChannel {
  onmessage = null;

  constructor(name) {
    this.name = name;
    channels.add(this);
  }

  postMessage(message) {
    const receivers = [...channels].filter((channel) => channel !== this && channel.name === this.name);
    for (const channel of receivers) {
      const data = structuredClone(message);
      setImmediate(() => channels.has(channel) && channel.onmessage?.({ data }));
    }
  }

  close() {
    channels.delete(this);
  }
}
