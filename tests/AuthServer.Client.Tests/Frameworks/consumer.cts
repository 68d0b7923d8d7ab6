// A program of CommonJS.

import client = require('authserver-client');
import react = require('authserver-client/react');

export const session: Promise<client.Session | null> = client.createAuthClient({ server: 'https://auth.example.com' }).session();
export const state: () => react.SessionState = react.useSession;
