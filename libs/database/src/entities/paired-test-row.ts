import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** A comparison of a configuration with the best one, seed by seed, and the decision on its further seeds. */
@Entity('paired_tests')
export class PairedTestRow {
  @PrimaryColumn('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'paired_tests_sweep' })
  sweep?: Relation<Sweep>;

  @PrimaryColumn('integer')
  configuration!: number;

  /** The number of its seeds that were compared: the first ones. */
  @PrimaryColumn('integer')
  seeds!: number;

  /** Their values; NaN for a seed without one. */
  @Column('double precision', { array: true })
  values!: number[];

  /** The configuration that it was compared with, and the values of all of that one's seeds. */
  @Column('integer')
  against!: number;

  @Column('double precision', { name: 'against_values', array: true })
  againstValues!: number[];

  @Column('double precision')
  p!: number;

  @Column('text')
  decision!: 'continue' | 'stop';

  @Column('text')
  why!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
