import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A chunk of one curve: points in order of update. The chunks of a curve do not overlap. */
@Entity('metric_chunks')
export class MetricChunk {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  @PrimaryColumn('text')
  name!: string;

  @PrimaryColumn('integer', { name: 'first_update' })
  firstUpdate!: number;

  @Column('integer', { array: true })
  updates!: number[];

  @Column('double precision', { array: true })
  values!: number[];
}
