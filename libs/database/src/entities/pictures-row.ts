import type { Snapshots } from '@unroll/contracts';
import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Trial } from './trial';

/** What was seen of a trial's network at its end: apart from the trial, which is read far more often. */
@Entity('pictures')
export class PicturesRow {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  @OneToOne(() => Trial, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'trial_id', foreignKeyConstraintName: 'pictures_trial' })
  trial?: Relation<Trial>;

  @Column('json')
  content!: Snapshots;
}
