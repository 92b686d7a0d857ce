// A real OpenID provider for tests: anyone may sign in under any name, which is their subject. Prints its address once it listens.
import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [redirect, port] = process.argv.slice(2);
const server = createServer().listen(Number(port), '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'unroll',
      client_secret: 'a-secret-for-tests',
      redirect_uris: [redirect],
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@Example.org`, email_verified: !id.startsWith('unverified'), name: id }),
  }),
  cookies: { keys: ['a-key-for-tests'] },
});
server.on('request', provider.callback());
console.log(issuer);
process.on('disconnect', () => process.exit());
