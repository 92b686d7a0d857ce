import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A registered data set. Its bytes lie in the artifact store under its fingerprint; a name never changes its bytes. */
@Entity('datasets')
export class Dataset {
  @PrimaryColumn('text')
  name!: string;

  @Column('text')
  kind!: string;

  @Column('text')
  fingerprint!: string;

  @Column('bigint', { transformer: { to: (value: number) => value, from: Number } })
  bytes!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
