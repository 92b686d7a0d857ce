import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a simple model reaches on a board: same data, same split, same task. */
@Entity('baselines')
export class BaselineRow {
  @PrimaryColumn('text')
  board!: string;

  @PrimaryColumn('text')
  name!: string;

  @Column('jsonb')
  metrics!: Record<string, number>;
}
