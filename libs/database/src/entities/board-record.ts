import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What can be compared over sweeps: the same thing measured on the same data, for the same goal. */
@Entity('boards')
export class BoardRecord {
  @PrimaryColumn('text')
  board!: string;

  @PrimaryColumn('text')
  objective!: string;

  @Column('text')
  metric!: string;

  @Column('text')
  goal!: 'minimize' | 'maximize';

  @Column('text')
  dataset!: string;

  @Column('text')
  fingerprint!: string;

  /** How the data is read and split. */
  @Column('jsonb')
  reading!: Record<string, unknown>;

  @Column('text')
  task!: string;

  @Column('text', { nullable: true })
  tokens!: string | null;
}
