// One address for several APIs, as a Service has: each connection goes to the next that accepts it.
import { connect, createServer } from 'node:net';

export async function openBalancer(first) {
  let targets = first;
  let turn = 0;
  const sockets = new Set();
  const server = createServer((client) => {
    client.on('error', () => undefined);
    const order = targets.map((_, index) => targets[(turn + index) % targets.length]);
    turn += 1;
    const attempt = () => {
      const target = order.shift();
      if (!target) return client.destroy();
      const upstream = connect(Number(new URL(target.url).port), '127.0.0.1');
      upstream.once('error', () => (upstream.isOpen ? client.destroy() : attempt()));
      upstream.once('connect', () => {
        upstream.isOpen = true;
        client.pipe(upstream).pipe(client);
        client.once('close', () => upstream.destroy());
        upstream.once('close', () => client.destroy());
      });
      sockets.add(upstream);
    };
    sockets.add(client);
    attempt();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** New connections go to these. */
    use: (next) => (targets = next),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
