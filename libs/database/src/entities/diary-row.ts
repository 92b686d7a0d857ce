import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An entry of a team's diary. */
@Entity('diary')
@Index('diary_by_age', ['teamId', 'createdAt', 'id'])
export class DiaryRow {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'team_id' })
  teamId!: string;

  /** Name of the member who wrote it. */
  @Column('text')
  author!: string;

  /** Markdown. */
  @Column('text')
  text!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', name: 'edited_at', precision: 3, nullable: true })
  editedAt!: Date | null;
}
