import { Column, Entity, PrimaryColumn } from 'typeorm';

/** People who share sweeps, data sets, leaderboards and saved views. Another team sees none of them; the fleet serves all teams. */
@Entity('teams')
export class Team {
  @PrimaryColumn('text')
  id!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
