import type { SweepSpec } from '@unroll/contracts';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** A configuration in the terms of an edited space. */
export interface InheritedConfiguration {
  number: number;
  parameters: Record<string, unknown>;
}

/** A change of a sweep's specification while it ran. The specification that holds now is the sweep's. */
@Entity('sweep_edits')
export class SweepEdit {
  @PrimaryColumn('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'sweep_edits_sweep' })
  sweep?: Relation<Sweep>;

  /** From 1. */
  @PrimaryColumn('integer')
  number!: number;

  /** The first configuration that is proposed after it. */
  @Column('integer')
  first!: number;

  /** The specification before it. */
  @Column('json')
  replaced!: SweepSpec;

  /** The earlier configurations that are in the new space: its search knows them. */
  @Column('json')
  inherited!: InheritedConfiguration[];

  /** Paths of what it changed. */
  @Column('text', { array: true })
  changed!: string[];

  /** Pending trials that it cancelled. */
  @Column('integer')
  withdrawn!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
