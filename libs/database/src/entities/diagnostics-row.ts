import type { Diagnostics } from '@unroll/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Diagnostics of a trial's network at a report. */
@Entity('diagnostics')
export class DiagnosticsRow {
  @PrimaryColumn('text', { name: 'trial_id' })
  trialId!: string;

  @PrimaryColumn('integer')
  update!: number;

  /** In the order of the report: from the first layer to the last. */
  @Column('json')
  figures!: Diagnostics;
}
