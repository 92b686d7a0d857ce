import type { MemoryClass } from '@unroll/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The memory of workers that have left: trials that only such a worker holds wait for the next. */
@Entity('departed_memory')
export class DepartedMemory {
  @PrimaryColumn('text', { name: 'memory_class' })
  memoryClass!: MemoryClass;

  /** Bytes. */
  @PrimaryColumn('double precision')
  room!: number;

  @Column('timestamptz', { name: 'left_at', default: () => 'clock_timestamp()' })
  leftAt!: Date;
}
