import type { Snapshots } from '@unroll/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The activations of a trial's network at its end. A table of its own, because trials are read far more often. */
@Entity('snapshots')
export class SnapshotsRow {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  @Column('json')
  content!: Snapshots;
}
