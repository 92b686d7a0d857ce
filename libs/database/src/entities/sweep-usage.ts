import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Sweep } from './sweep';

/** Trainer seconds that ended attempts of a sweep used, where it has budget.gpuHours; without what sweep_usage_log still has. */
@Entity('sweep_usage')
export class SweepUsage {
  @PrimaryColumn('text', { name: 'sweep_id' })
  sweepId!: string;

  @OneToOne(() => Sweep, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'sweep_id', foreignKeyConstraintName: 'sweep_usage_sweep' })
  sweep?: Relation<Sweep>;

  @Column('double precision')
  seconds!: number;
}
