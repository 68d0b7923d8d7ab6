// Two providers of identities on loopback. Arguments: the address of the server that logs in by them, and two free ports.
import { OAuth2Server } from 'oauth2-mock-server';
import { Provider } from 'oidc-provider';

const [server, firstPort, secondPort] = process.argv.slice(2);

// The password is the user's id. The user agrees, or cancels, in its pages.
const provider = new Provider(`http://localhost:${firstPort}`, {
  clients: [{
    client_id: 'authserver',
    client_secret: 'a secret of this client',
    redirect_uris: [`${server}/login/external/acme/callback`],
  }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
  cookies: { keys: ['a key of a test'] },
  features: { devInteractions: { enabled: true }, pushedAuthorizationRequests: { enabled: true } },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id, email: `${id}@example.com`, email_verified: true, name: `${id} of Acme`, preferred_username: id,
    }),
  }),
});
provider.listen(Number(firstPort), 'localhost');

// This one agrees by itself.
const mock = new OAuth2Server();
await mock.issuer.keys.generate('RS256');
await mock.start(Number(secondPort), 'localhost');
console.log('ready');
