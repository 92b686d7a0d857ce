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

/** Hands data on in their order, each after as many milliseconds as `delay` says; all that follows a late one waits for it. */
function delayed(delay, write) {
  const queue = [];
  let due = 0;
  const next = () => {
    setTimeout(() => {
      write(queue.shift().data);
      if (queue.length > 0) next();
    }, queue[0].due - performance.now());
  };
  return (data) => {
    due = Math.max(due, performance.now() + delay());
    queue.push({ data, due });
    if (queue.length === 1) next();
  };
}

/**
 * A proxy to `target` (host and port). `onAnswer(type, body, connection)` sees each message of the server before the client does; where it
 * returns false, neither that chunk nor anything after it arrives. `onAsk(text, connection)` sees what the client sends. `delay` says how
 * many milliseconds each chunk takes, in either direction.
 */
export async function openProxy(target, { host = '127.0.0.1', onAnswer, onAsk, delay } = {}) {
  const sockets = new Set();
  const stalls = new Set();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const connection = {};
    let isCut = false;
    const stall = (milliseconds) => {
      isCut = true;
      setTimeout(() => client.destroy(), milliseconds);
    };
    stalls.add(stall);
    const pass = (socket) => {
      const write = (data) => socket.writable && socket.write(data);
      return delay ? delayed(delay, write) : write;
    };
    const [toServer, toClient] = [pass(upstream), pass(client)];
    const read = messages((type, body) => {
      if (!isCut && onAnswer?.(type, body, connection) === false) isCut = true;
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        stalls.delete(stall);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => {
      if (onAsk) onAsk(data.toString('latin1'), connection);
      if (!isCut) toServer(data);
    });
    upstream.on('data', (data) => {
      if (onAnswer) read(data);
      if (!isCut) toClient(data);
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
    /** One of the connections, at `place` in [0, 1) of them, passes nothing and breaks after so many milliseconds. Whether there is one. */
    stall: (place, milliseconds) => {
      const chosen = [...stalls][Math.floor(place * stalls.size)];
      chosen?.(milliseconds);
      return chosen !== undefined;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
