import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Team } from './team';

/** A report of a team. */
@Entity('reports')
@Index('reports_by_age', ['teamId', 'createdAt', 'id'])
export class ReportRow {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'team_id' })
  teamId!: string;

  @ManyToOne(() => Team, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'team_id', foreignKeyConstraintName: 'reports_team' })
  team?: Relation<Team>;

  @Column('text')
  title!: string;

  /** Markdown, with charts. */
  @Column('text')
  text!: string;

  /** Name of the member who began it. */
  @Column('text')
  author!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;

  /** Name of the member who changed it last. */
  @Column('text', { nullable: true })
  editor!: string | null;

  @Column({ type: 'timestamptz', name: 'edited_at', precision: 3, nullable: true })
  editedAt!: Date | null;

  /** Counts the changes. */
  @Column('integer', { default: 1 })
  version!: number;

  @Column('boolean', { default: false })
  archived!: boolean;
}
