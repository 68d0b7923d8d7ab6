// Signs in, asks a private route again and again past the 20 seconds of an access token, and signs out.
//
//     AUTHSERVER_PASSWORD=… node src/Samples/NodeClient/index.mjs http://localhost:5080 ada 30 1
//
// Address, user name, how many times and how many seconds between; each but the user name has a default.
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthClient } from '../../AuthServer.Client.Web/authserver-client.js';

const [server = 'http://localhost:5080', username, times = 30, seconds = 1] = process.argv.slice(2);
const client = createAuthClient({ server });
client.onChange((session, { type, code, reason }) => {
  if (type === 'end' && code) {
    console.log(`The session is over: ${code} ${reason ?? ''}`);
  }
});

try {
  const { user } = await client.login({ username, password: process.env.AUTHSERVER_PASSWORD, deviceName: 'node sample' });
  console.log(`Signed in as ${user.name}.`);
  for (let i = 1; i <= times && await client.session(); i++) {
    // Below the server's address. The token may be 20 seconds old by now, and nothing here has to know.
    const answer = await client.fetch('me');
    console.log(`${i}: ${answer.status}`);
    await sleep(seconds * 1000);
  }

  await client.logout();
  console.log('Signed out.');
} catch (error) {
  console.error(error.code ? `${error.code}: ${error.message}` : `${server} can't be reached: ${error.message}`);
  process.exitCode = 1;
}
