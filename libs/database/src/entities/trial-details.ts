import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Trial } from './trial';

/** What people wrote about a trial. Apart from the trial, whose every update is followed by triggers. */
@Entity('trial_details')
export class TrialDetailsRow {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  @OneToOne(() => Trial, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'trial_id', foreignKeyConstraintName: 'trial_details_trial' })
  trial?: Relation<Trial>;

  /** Markdown. */
  @Column('text', { default: '' })
  note!: string;

  @Column('text', { array: true, default: [] })
  tags!: string[];
}
