// The client over a long time, against the real server: node endurance.mjs ADDRESS SCENARIO HOURS

import { advance, ask, importModule, performance } from './virtual-time.mjs';

const { createAuthClient } = await importModule();

const [server, scenario, hours] = process.argv.slice(2);
const timeOfDay = Date.now;
Date.now = () => timeOfDay() + hours * 3_600_000;

const client = createAuthClient({ server });
const result = { statuses: {}, failures: 0, logins: 0, refreshes: 0, ends: 0, tokens: new Set() };
client.onChange((session, { type }) => {
  result[`${type}${type === 'refresh' ? 'es' : 's'}`]++;
  session && result.tokens.add(session.accessToken);
});

async function call() {
  try {
    const { status } = await client.fetch('me');
    result.statuses[status] = (result.statuses[status] ?? 0) + 1;
  } catch {
    result.failures++;
  }
}

const scenarios = {
  async thousand() {
    for (let i = 0; i < 1000; i++) {
      await advance(200);
      await call();
    }
  },
  async parallel() {
    await advance(20_000);
    await Promise.all(Array.from({ length: 200 }, call));
  },
  async losses() {
    for (let i = 0; i < 100; i++) {
      await advance(20_000);
      await call();
    }
  },
  async away() {
    await advance(20_000);
    await ask('away');
    for (const start = performance.now(); performance.now() - start < 120_000;) {
      await call();
    }

    await ask('back');
    await call();
  },
};

await client.login({ username: 'ada', password: 'correct horse battery staple' });
await scenarios[scenario]();
console.log(`result ${JSON.stringify({ ...result, tokens: result.tokens.size })}`);
process.exit();
