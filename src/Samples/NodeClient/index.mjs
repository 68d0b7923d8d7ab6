// Logs in, requests a private route for longer than the 20 seconds of an access token, and logs out.
//
//     AUTHSERVER_PASSWORD=… node src/Samples/NodeClient/index.mjs http://localhost:5080 ada 30 1
//
// Address, user name, number of requests and seconds between them; each except the user name has a default.
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthClient } from '../../AuthServer.Client.Web/authserver-client.js';

const [server = 'http://localhost:5080', username, times = 30, seconds = 1] = process.argv.slice(2);
const client = createAuthClient({ server });
client.onChange((session, { type, code, reason }) => {
  if (type === 'end' && code) {
    console.log(`The session has ended: ${code} ${reason ?? ''}`);
  }
});

try {
  const { user } = await client.login({ username, password: process.env.AUTHSERVER_PASSWORD, deviceName: 'node sample' });
  console.log(`Logged in as ${user.name}.`);
  for (let i = 1; i <= times && await client.session(); i++) {
    // Relative to the server's address. An expired token is refreshed without this code.
    const answer = await client.fetch('me');
    console.log(`${i}: ${answer.status}`);
    await sleep(seconds * 1000);
  }

  await client.logout();
  console.log('Logged out.');
} catch (error) {
  console.error(error.code ? `${error.code}: ${error.message}` : `${server} can't be reached: ${error.message}`);
  process.exitCode = 1;
}
