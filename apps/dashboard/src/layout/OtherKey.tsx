import type { Me } from '@unroll/contracts';
import { useQuery } from '@tanstack/react-query';
import { answerOffer } from '../api/key';
import { meQuery } from '../api/queries';
import { Button } from '../design/Button';

/** Whose key it is. Not by the client of the other pages, which forgets the present key where one is refused. */
async function owner(key: string, signal: AbortSignal): Promise<Me> {
  const response = await fetch('/v1/me', { signal, headers: { authorization: `Bearer ${key}` } });
  if (!response.ok) throw new Error(`the key was refused with status ${response.status}`);
  return (await response.json()) as Me;
}

const whose = ({ member, team }: Me): string => `${member} of the team ${team}`;

/** Asks before a link with a key signs in as someone else. */
export function OtherKey({ offer }: { offer: string }) {
  const now = useQuery(meQuery());
  const then = useQuery({
    queryKey: ['offered'],
    queryFn: ({ signal }) => owner(offer, signal),
    retry: false,
    gcTime: 0,
  });
  return (
    <main className="sign-in">
      <div className="card">
        <h1>Sign in with another key?</h1>
        <p>
          {now.data ? `You are signed in as ${whose(now.data)}. ` : 'You are signed in. '}
          {then.data && `This link signs you in as ${whose(then.data)}.`}
          {then.isError && 'The key of this link is not valid.'}
        </p>
        <p className="muted">Only go on if you asked for this link: what you do next is then done in that name.</p>
        <div className="row">
          <Button kind="primary" onClick={() => answerOffer(false)}>
            Stay signed in
          </Button>
          <Button disabled={!then.data} onClick={() => answerOffer(true)}>
            Sign in with the link
          </Button>
        </div>
      </div>
    </main>
  );
}
