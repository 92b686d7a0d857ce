// A proxy to a server that can be cut off and that sees what PostgreSQL answers: for crashes at an exact moment.
import { Buffer } from 'node:buffer';
import { connect, createServer } from 'node:net';

/** Calls `onMessage` with the type and the body of each message of PostgreSQL's protocol (version 3) after the start. */
function messages(onMessage) {
  let rest = Buffer.alloc(0);
  return (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 5) {
      const end = 1 + rest.readInt32BE(1);
      if (rest.length < end) return;
      onMessage(String.fromCharCode(rest[0]), rest.subarray(5, end));
      rest = rest.subarray(end);
    }
  };
}

/**
 * A proxy to `target` (host and port). `onAnswer(type, body, connection)` sees each message of the server before the client does; where it
 * returns false, neither that chunk nor anything after it arrives. `onAsk(text, connection)` sees what the client sends.
 */
export async function openProxy(target, { host = '127.0.0.1', onAnswer, onAsk } = {}) {
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const connection = {};
    let isCut = false;
    const read = messages((type, body) => {
      if (!isCut && onAnswer?.(type, body, connection) === false) isCut = true;
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      if (onAsk) onAsk(data.toString('latin1'), connection);
      if (!isCut) upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (onAnswer) read(data);
      if (!isCut) client.write(data);
    });
  });
  await new Promise((done) => server.listen(0, host, done));
  const { port } = server.address();
  return {
    /** The target's address through the proxy. */
    url: (url) => {
      const changed = new URL(url);
      changed.hostname = host;
      changed.port = String(port);
      return changed.href;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
