import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** The best score of a sweep that webhooks were told. */
@Entity('told_bests')
export class ToldBest {
  @PrimaryColumn('text', { name: 'sweep_id' })
  sweepId!: string;

  @OneToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'told_bests_sweep' })
  sweep?: Relation<Sweep>;

  @Column('double precision')
  score!: number;
}
