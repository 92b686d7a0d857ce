import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A worker process that was seen. */
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

  @Column('integer')
  lanes!: number;

  @Column('timestamptz', { name: 'last_seen', default: () => 'clock_timestamp()' })
  lastSeen!: Date;
}
