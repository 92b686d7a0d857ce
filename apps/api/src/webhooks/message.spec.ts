import type { WebhookMessage } from '@unroll/contracts';
import { bodyOf, newSecret, signedHeaders } from './message';

const message: WebhookMessage = {
  type: 'sweep.ended',
  timestamp: '2026-11-29T12:00:00.000Z',
  data: {
    ...{ sweepId: 'b3n8w2pd', name: 'A <b> & c', owner: 'Ada', state: 'completed', message: null },
    best: { trialId: 'q7k2m9xa', metric: 'validation.loss', value: 0.25 },
  },
};

describe('a message to a webhook', () => {
  it('is signed as in the example of the specification', () => {
    // From the specification's own test vectors.
    const headers = signedHeaders('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      seconds: 1614265330,
      body: '{"test": 2432232314}',
    });
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('is signed with a secret of 32 random bytes', () => {
    expect(Buffer.from(newSecret().slice('whsec_'.length), 'base64')).toHaveLength(32);
    expect(newSecret()).not.toBe(newSecret());
  });

  it('is itself for a program, and a line of text for Slack, in which a name is no markup', () => {
    expect(JSON.parse(bodyOf('json', message, undefined))).toEqual(message);
    expect(JSON.parse(bodyOf('slack', message, 'https://unroll.example.org'))).toEqual({
      text:
        'The sweep <https://unroll.example.org/sweeps/b3n8w2pd|A &lt;b&gt; &amp; c> by Ada is completed: ' +
        'best validation.loss 0.25, trial q7k2m9xa',
    });
    const failed = {
      ...message,
      data: { ...message.data, state: 'failed', best: null, message: 'every trial failed' },
    };
    expect(JSON.parse(bodyOf('slack', failed, undefined))).toEqual({
      text: 'The sweep A &lt;b&gt; &amp; c by Ada is failed: every trial failed',
    });
  });
});
