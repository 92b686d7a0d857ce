// Several processes of a fleet on one database, one statement at a time, in the order that a schedule draws: a transaction of one stops
// between any two of its statements while others go on, or while it waits for their locks.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const require = createRequire(import.meta.url);

/** Milliseconds without an answer after which PostgreSQL is asked whether a statement waits for a lock. */
const patience = 5;

/** What an actor's process is told when its connection breaks. */
const broken = () => Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });

/** One process: its connection waits at each statement until the schedule lets it pass. */
export class Actor {
  /** The statement that waits to be sent. */
  next;
  /** What it does now, until it is done. */
  doing;

  constructor(name, url) {
    this.name = name;
    this.url = url;
  }

  async open() {
    const { dataSourceOptions } = require('../../dist/libs/database/src/index.js');
    const { DataSource } = require('typeorm');
    const actor = this;
    const Client = class extends pg.Client {
      query(...given) {
        if (!actor.doing || typeof given.at(-1) === 'function') return super.query(...given);
        actor.pid = this.processID;
        return new Promise((resolve, reject) => {
          actor.next = { client: this, send: () => super.query(...given), resolve, reject, text: String(given[0]) };
          actor.rest();
        });
      }
    };
    const options = dataSourceOptions(this.url);
    // What a schedule takes long to draw is not silence.
    const extra = { ...options.extra, max: 1, Client, idle_in_transaction_session_timeout: 0 };
    this.dataSource = await new DataSource({ ...options, extra }).initialize();
    return this;
  }

  /** Begins to do something. It stops before its first statement. */
  begin(work) {
    this.goOn();
    this.doing = work().finally(() => {
      this.doing = undefined;
      this.rest();
    });
    this.doing.catch(() => undefined);
  }

  /** `rested` resolves when it has come to its next statement, or to its end. */
  goOn() {
    this.rested = new Promise((resolve) => (this.rest = resolve));
  }

  /** Sends the statement that waits. `cut`: the connection breaks before it arrives, or before its answer does. */
  pass(cut) {
    const { client, send, resolve, reject } = this.next;
    this.next = undefined;
    this.goOn();
    const cutOff = () => {
      client.connection.stream.destroy();
      reject(broken());
    };
    if (cut === 'before') return cutOff();
    send().then((answer) => (cut === 'after' ? cutOff() : resolve(answer)), reject);
  }

  get isBusy() {
    return this.doing !== undefined && this.next === undefined;
  }

  close() {
    return this.dataSource.destroy();
  }
}

/** Resolves when every actor has nothing to do, waits at a statement, or waits for a lock. */
export async function settle(actors, query) {
  for (;;) {
    const busy = actors.filter(({ isBusy }) => isBusy);
    if (busy.length === 0) return;
    const over = new AbortController();
    const timer = sleep(patience, 'late', { signal: over.signal }).catch(() => undefined);
    const first = await Promise.race([timer, ...busy.map(({ rested }) => rested)]);
    over.abort();
    if (first !== 'late') continue;
    const waiting = await query(`select pid from pg_stat_activity where wait_event_type = 'Lock' and pid = any($1)`, [
      busy.map(({ pid }) => pid ?? 0),
    ]);
    const pids = new Set(waiting.map(({ pid }) => pid));
    if (actors.every((actor) => !actor.isBusy || pids.has(actor.pid))) return;
  }
}
