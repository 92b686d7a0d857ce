import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Text that a network generated at a report. Of reports that are close to each other on a log scale of updates, the last is kept. */
@Entity('samples')
export class SampleRow {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  /** Four for each doubling of the updates. */
  @PrimaryColumn('integer')
  place!: number;

  @Column('integer')
  update!: number;

  @Column('text')
  content!: string;
}
