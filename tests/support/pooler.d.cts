export const pooler: string | undefined;

export interface Pooler {
  readonly pid: number;
  /** The address of a database of the server through it. */
  url(of?: string): string;
  stop(): Promise<void>;
}

export function startPooler(databaseUrl: string, serverConnections: number): Promise<Pooler>;
