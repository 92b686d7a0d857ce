import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Trial } from './trial';

/** What a network wrote at a report. Of reports whose updates lie near each other on a log scale, the last is kept. */
@Entity('samples')
export class SampleRow {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  @ManyToOne(() => Trial, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'trial_id', foreignKeyConstraintName: 'samples_trial' })
  trial?: Relation<Trial>;

  /** Four to each doubling of the updates. */
  @PrimaryColumn('integer')
  place!: number;

  @Column('integer')
  update!: number;

  @Column('text')
  content!: string;
}
