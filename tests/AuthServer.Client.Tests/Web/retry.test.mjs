// Moments at which the client sends requests again, by a table that also holds for the .NET client.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { play } from './retry-run.mjs';

// A date without a zone is in GMT, whatever the zone of the device is.
process.env.TZ = 'Asia/Seoul';

const { cases } = JSON.parse(await readFile(new URL('../retry-cases.json', import.meta.url), 'utf8'));

for (const expected of cases) {
  test(expected.name, async () => {
    const seen = await play(expected);
    assert.deepEqual(seen.attempts, expected.attempts);
    assert.deepEqual(seen.calls, expected.calls.map(({ ends, with: outcome }) => ({ ends, with: outcome })));
    assert.deepEqual(seen.ends, expected.sessionEnds ? [expected.sessionEnds] : []);
    if (!expected.request) {
      assert.deepEqual(seen.presents, expected.presents ?? expected.attempts.map(() => 'r0'));
    }

    const [, last] = /^a(\d+)$/.exec(expected.calls.at(-1).with) ?? [];
    last && assert.equal(seen.stored, `r${last}`);
  });
}
