import { isLoopback } from './loopback';

describe('an address of this machine alone', () => {
  it.each(['localhost', '127.0.0.1', '127.8.9.10', '::1', '[::1]', '0:0:0:0:0:0:0:1'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each(['0.0.0.0', '::', '128.0.0.1', '10.0.0.1', 'example.org', '127.0.0.1.example.org', '127.1.example', ''])(
    'is not %p',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});
