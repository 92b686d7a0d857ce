import type { Diagnostics } from '@unroll/contracts';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Trial } from './trial';

/** Diagnostics of a trial's network at a report. */
@Entity('diagnostics')
export class DiagnosticsRow {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  @ManyToOne(() => Trial, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'trial_id', foreignKeyConstraintName: 'diagnostics_trial' })
  trial?: Relation<Trial>;

  @PrimaryColumn('integer')
  update!: number;

  /** In the order of the report: from the first layer to the last. */
  @Column('json')
  figures!: Diagnostics;
}
