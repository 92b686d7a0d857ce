import type { Snapshots } from '@unroll/contracts';
import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Trial } from './trial';

/** The activations of a trial's network at its end. A table of its own, because trials are read far more often. */
@Entity('snapshots')
export class SnapshotsRow {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  @OneToOne(() => Trial, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'trial_id', foreignKeyConstraintName: 'snapshots_trial' })
  trial?: Relation<Trial>;

  @Column('json')
  content!: Snapshots;
}
