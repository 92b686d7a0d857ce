import { useEffect, useState, type FormEvent } from 'react';
import { call } from '../api/client';
import { storeKey } from '../api/key';
import { Button } from '../design/Button';
import { Problem } from '../design/Messages';

/** Asks for the key and says where to find it. A key that the API rejects is not stored. */
export function SignIn() {
  const [key, setKey] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = 'Sign in · Unroll';
  }, []);
  const signIn = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await call('/v1/me', { headers: { authorization: `Bearer ${key.trim()}` } });
      storeKey(key.trim());
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <form className="card" onSubmit={(event) => void signIn(event)}>
        <div className="brand" style={{ padding: 0 }}>
          <img src="/favicon.svg" alt="" />
          Unroll
        </div>
        <h1>Sign in with your Unroll key</h1>
        <p className="muted">
          The key is stored in <code>.unroll/key</code> in the folder where <code>unroll start</code> runs. That command
          also prints a link that signs you in. In a team, an admin creates one for you on the page Team, or with{' '}
          <code>unroll key create</code>.
        </p>
        <label className="field wide">
          Key
          <input
            type="password"
            name="key"
            autoComplete="current-password"
            spellCheck={false}
            required
            autoFocus
            value={key}
            onChange={({ target }) => setKey(target.value)}
          />
        </label>
        {error !== null && <Problem error={error} />}
        <Button kind="primary" type="submit" disabled={busy || key.trim() === ''}>
          {busy ? 'Signing in …' : 'Sign in'}
        </Button>
      </form>
    </main>
  );
}
