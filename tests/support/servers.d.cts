/** A port of 127.0.0.1 that nothing listens on. */
export function freePort(): Promise<number>;

/** A new folder that other users may enter. */
export function temporaryFolder(): string;

/** Whether this machine has the program redis-server. */
export const hasRedis: boolean;

export interface RedisServer {
  url: string;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  /** Kills it with SIGKILL. */
  kill(): void;
}

/** Starts an empty Redis on a free port; it stores nothing on disk. */
export function startRedis(): Promise<RedisServer>;
