import { localTeam } from '@unroll/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A registered data set. Its bytes are stored in the artifact store under its fingerprint; the bytes of a team's name never change. */
@Entity('datasets')
export class Dataset {
  @PrimaryColumn('text', { name: 'team_id', default: localTeam })
  teamId!: string;

  @PrimaryColumn('text')
  name!: string;

  /** Name of the member who registered it. */
  @Column('text', { default: localTeam })
  owner!: string;

  @Column('text')
  kind!: string;

  @Column('text')
  fingerprint!: string;

  @Column('bigint', { transformer: { to: (value: number) => value, from: Number } })
  bytes!: number;

  /** What a first look found, one line each; empty for one registered by an earlier version. */
  @Column('jsonb', { default: () => "'[]'" })
  summary!: string[];

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
