import type { LaneNeeds } from '@unroll/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What a lane of a signature takes of a device's memory, where that is much. The first trainer that reads its data notes it. */
@Entity('signature_memory')
@Index('signature_memory_most', ['most'])
export class SignatureMemory {
  @PrimaryColumn('text')
  signature!: string;

  /** By class of device. */
  @Column('jsonb')
  bytes!: LaneNeeds['bytes'];

  @Column('jsonb')
  least!: LaneNeeds['least'];

  /** The largest of `bytes`. */
  @Column('double precision')
  most!: number;

  @Column('timestamptz', { name: 'noted_at', default: () => 'clock_timestamp()' })
  notedAt!: Date;
}
