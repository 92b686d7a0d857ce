import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty, WriteStream } from 'node:tty';

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Writes all at once, as Node writes to pipes and files: a process may exit right after it. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;)
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, 1);
    }
}

const stream = (descriptor: number): Writable =>
  isatty(descriptor)
    ? new WriteStream(descriptor)
    : new Writable({
        write(chunk: Uint8Array, _encoding, done) {
          try {
            writeAll(descriptor, chunk);
            done();
          } catch (error) {
            done(error as Error);
          }
        },
      });

/**
 * Lets this process speak on the outputs 3 and 4, and leaves 1 and 2 to native libraries. Ends with the process that started
 * it, which is how `startApart` starts one.
 */
export function speakApart(): void {
  for (const [name, descriptor] of [
    ['stdout', 3],
    ['stderr', 4],
  ] as const)
    Object.defineProperty(process, name, { value: stream(descriptor), configurable: true });
  // Node prints these to the output 2.
  process.on('uncaughtExceptionMonitor', (error) => process.stderr.write(`${error.stack ?? String(error)}\n`));
  process.on('disconnect', () => process.exit(1));
  process.channel?.unref();
}
