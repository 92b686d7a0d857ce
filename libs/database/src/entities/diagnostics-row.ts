import type { Diagnostics } from '@unroll/contracts';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Trial } from './trial';

/** What a report of a trial said of the network's inside. */
@Entity('diagnostics')
export class DiagnosticsRow {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  @ManyToOne(() => Trial, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'trial_id', foreignKeyConstraintName: 'diagnostics_trial' })
  trial?: Relation<Trial>;

  @PrimaryColumn('integer')
  update!: number;

  /** In the order in which it was said: from the first layer to the last. */
  @Column('json')
  figures!: Diagnostics;
}
