import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** What people wrote about a configuration, which all its seeds share. Apart from its row, which exists only with a value. */
@Entity('configuration_details')
export class ConfigurationDetailsRow {
  @PrimaryColumn('text', { name: 'sweep_id' })
  sweepId!: string;

  @ManyToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'configuration_details_sweep' })
  sweep?: Relation<Sweep>;

  @PrimaryColumn('integer')
  configuration!: number;

  /** Markdown. */
  @Column('text', { default: '' })
  note!: string;

  @Column('text', { array: true, default: [] })
  tags!: string[];
}
