export interface PostgresServer {
  /** Without a database. */
  url: string;
  port: number;
  /** That of the server's first process. */
  pid: number;
  createDatabase(name: string): Promise<void>;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
  /** Ends it as a crash does: what it has not written yet is lost. */
  crash(): Promise<void>;
  /** Starts it again after a crash, at the same address. */
  start(): Promise<void>;
}

/**
 * Starts an empty PostgreSQL with these settings, on TCP alone. `folder`: where its data go, by default a new one; `beforeStart` is called
 * with the folder of the cluster.
 */
export function startPostgres(
  settings?: Readonly<Record<string, string | number>>,
  options?: { folder?: string; beforeStart?: (cluster: string) => void | Promise<void> },
): Promise<PostgresServer>;

export interface StackPostgres {
  /** With its database. */
  url: string;
  /** The data folder of the stack. */
  folder: string;
  stop(): Promise<void>;
  /** Stops it and removes the folder. */
  close(): Promise<void>;
}

/** Starts the stack's own PostgreSQL in a new data folder, with its durability. `dist`: the built commands. */
export function startStackPostgres(dist?: string): Promise<StackPostgres>;
