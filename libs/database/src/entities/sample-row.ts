import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Trial } from './trial';

/** Text that a network generated at a report. Of reports that are close to each other on a log scale of updates, the last is kept. */
@Entity('samples')
export class SampleRow {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  @ManyToOne(() => Trial, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'trial_id', foreignKeyConstraintName: 'samples_trial' })
  trial?: Relation<Trial>;

  /** Four for each doubling of the updates. */
  @PrimaryColumn('integer')
  place!: number;

  @Column('integer')
  update!: number;

  @Column('text')
  content!: string;
}
