import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Trainer seconds that the ended attempts of a member used in a calendar month (UTC). */
@Entity('usage_months')
export class UsageMonth {
  @PrimaryColumn('text', { name: 'team_id' })
  teamId!: string;

  @PrimaryColumn('text')
  member!: string;

  @PrimaryColumn('date')
  month!: string;

  @Column('double precision')
  seconds!: number;
}
