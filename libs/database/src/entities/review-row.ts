import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** What a member says of a configuration. */
@Entity('reviews')
@Index('reviews_of_configuration', ['sweepId', 'configuration', 'createdAt'])
export class ReviewRow {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'reviews_sweep' })
  sweep?: Relation<Sweep>;

  @Column('integer')
  configuration!: number;

  @Column('text')
  author!: string;

  @Column('text')
  verdict!: 'approve' | 'question';

  /** Markdown. */
  @Column('text')
  text!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
