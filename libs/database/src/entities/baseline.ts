import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a simple model scores on the same data, split and task. */
@Entity('baselines')
export class BaselineRow {
  @PrimaryColumn('text', { name: 'comparison_key' })
  comparisonKey!: string;

  @PrimaryColumn('text')
  name!: string;

  @Column('jsonb')
  metrics!: Record<string, number>;
}
