// Asks jose and oauth4webapi about access tokens. Standard input is a JSON array of tokens. Standard output is an array with
// their two answers about each token: null for acceptance, or the reason of the refusal.

import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';

const issuer = process.argv[2];
const audience = 'authserver';
const algorithms = ['ES256', 'RS256'];

const http = { [oauth.allowInsecureRequests]: true };
const discovery = await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...http });
const metadata = await oauth.processDiscoveryResponse(new URL(issuer), discovery);
const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));

const askJose = (token) => jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt', algorithms });

async function askOauth(token) {
  const request = new Request(`${issuer}/me`, { headers: { Authorization: `Bearer ${token}` } });
  await oauth.validateJwtAccessToken(metadata, request, audience, { signingAlgorithms: algorithms, ...http });
}

const answerOf = (asked) => asked.then(() => null, (error) => `${error.code ?? error.name}: ${error.message}`);

const answers = [];
for (const token of JSON.parse(await text(process.stdin))) {
  answers.push([await answerOf(askJose(token)), await answerOf(askOauth(token))]);
}
console.log(JSON.stringify(answers));
