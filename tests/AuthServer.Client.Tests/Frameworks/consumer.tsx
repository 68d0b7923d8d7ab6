// A program in TypeScript, and mistakes that its compiler has to find.

import { createAuthClient, type AuthClient, type Change, type LoginResult, type Session } from 'authserver-client';
import { AuthProvider, RequireSession, useAuthClient, useAuthFetch, useSession } from 'authserver-client/react';
import { type SessionState } from 'authserver-client/react';
import { useEffect, type ReactNode } from 'react';

const client = createAuthClient({ server: 'https://auth.example.com' });

export function Application({ children }: { children: ReactNode }) {
  return (
    <AuthProvider client={client}>
      <RequireSession fallback={<Login />} loading="One moment…">{children}</RequireSession>
      <RequireSession><Name /></RequireSession>
    </AuthProvider>
  );
}

export const Own = () => <AuthProvider options={{ server: 'https://auth.example.com', storage: 'memory' }} />;

function Login() {
  const { login, end, error, retry } = useSession();
  const authClient: AuthClient = useAuthClient();
  const why: Change | undefined = end;
  const submit = async () => {
    const result: LoginResult = await login({ username: 'ada', password: 'secret' });
    return result.secondFactor ? authClient.completeLogin(result, '123456') : result;
  };
  return <button onClick={error ? retry : submit}>{why?.reason}</button>;
}

function Name() {
  const state: SessionState = useSession();
  const authFetch: typeof fetch = useAuthFetch();
  useEffect(() => { void authFetch('/me', { method: 'POST' }); }, [authFetch]);
  if (state.status !== 'authenticated') {
    // @ts-expect-error
    return state.session.id;
  }

  const session: Session = state.session;
  return <button onClick={() => void state.logout({ everywhere: true })}>{session.user.name}</button>;
}

// @ts-expect-error
export const Wrong = () => <AuthProvider client="https://auth.example.com" />;
// @ts-expect-error
export const Mistyped = () => <AuthProvider options={{ storage: 'cookies' }} />;
// @ts-expect-error
export const Unknown = () => <RequireSession role="admin" />;
