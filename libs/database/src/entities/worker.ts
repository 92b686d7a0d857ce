import type { Drain, Labels, MemoryClass } from '@unroll/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

const bytes = {
  to: (value: number | null) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

/** A worker process that has reported to the database. */
@Entity('workers')
export class Worker {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  host!: string;

  @Column('integer')
  pid!: number;

  @Column('integer', { array: true })
  trainers!: number[];

  @Column('text')
  engine!: string;

  @Column('text')
  device!: string;

  /** What sweeps may require. */
  @Column('jsonb', { default: {} })
  labels!: Labels;

  @Column('integer')
  lanes!: number;

  /** Groups of trials that it trains at the same time. */
  @Column('integer', { default: 1 })
  slots!: number;

  /** Bytes; null until known. */
  @Column('bigint', { name: 'memory_used', nullable: true, transformer: bytes })
  memoryUsed!: number | null;

  @Column('bigint', { name: 'memory_total', nullable: true, transformer: bytes })
  memoryTotal!: number | null;

  /** Kind of its device, by what the same training takes of its memory; null: a worker of an older version. */
  @Column('text', { name: 'memory_class', nullable: true })
  memoryClass!: MemoryClass | null;

  /** Bytes of its device's memory; null where it is not known. */
  @Column('double precision', { nullable: true })
  room!: number | null;

  /** Updates per second, summed over all lanes; null while idle. */
  @Column('double precision', { name: 'steps_per_second', nullable: true })
  stepsPerSecond!: number | null;

  /** Percent of its trainers' time at work in each of the last minutes; the newest is under way. */
  @Column('smallint', { array: true, default: () => `'{}'` })
  use!: number[];

  /** How it was asked to leave; null: it was not. */
  @Column('text', { nullable: true })
  drain!: Drain | null;

  @Column('timestamptz', { name: 'last_seen', default: () => 'clock_timestamp()' })
  lastSeen!: Date;
}

/** What a worker says of itself. */
export type WorkerReport = Omit<Worker, 'lastSeen' | 'drain' | Untold> & Partial<Pick<Worker, Untold>>;
/** What workers of older versions do not say. */
type Untold = 'use' | 'labels' | 'memoryClass' | 'room';
