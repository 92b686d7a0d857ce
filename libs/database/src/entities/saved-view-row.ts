import { localTeam } from '@unroll/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A page with its filters, saved under a name that can be shared. */
@Entity('views')
@Index('views_by_age', ['teamId', 'createdAt', 'id'])
export class SavedViewRow {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'team_id', default: localTeam })
  teamId!: string;

  @Column('text')
  name!: string;

  @Column('text')
  path!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
