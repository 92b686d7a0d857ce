import { localTeam, type AttemptState, type Priority } from '@unroll/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Trial } from './trial';

/** One worker's attempt at a trial. Every writer first locks this row and requires `running`: that is the fence. */
@Entity('attempts')
@Index('attempts_of_trial', ['trialId', 'startedAt'])
@Index('attempts_of_team', ['teamId', 'owner'], { where: `state = 'running'` })
@Index('attempts_running', ['groupId'], { where: `state = 'running'` })
@Index('attempts_running_once', ['trialId'], { unique: true, where: `state = 'running'` })
export class Attempt {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'trial_id' })
  trialId!: string;

  @ManyToOne(() => Trial, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'trial_id', foreignKeyConstraintName: 'attempts_trial' })
  trial?: Relation<Trial>;

  @Column('text')
  state!: AttemptState;

  @Column('text', { name: 'worker_id' })
  workerId!: string;

  @Column('text')
  host!: string;

  @Column('text')
  engine!: string;

  /** Shared by the attempts that are trained together. */
  @Column('text', { name: 'group_id' })
  groupId!: string;

  /** On whose account it runs: that of the sweep when the trial was claimed. Empty if no worker of the fleet runs it. */
  @Column('text', { name: 'team_id', default: localTeam })
  teamId!: string;

  @Column('text', { default: localTeam })
  owner!: string;

  @Column('text', { default: 'normal' })
  priority!: Priority;

  @Column('integer')
  lanes!: number;

  @Column('timestamptz', { name: 'lease_until' })
  leaseUntil!: Date;

  @Column('timestamptz', { name: 'started_at', default: () => 'clock_timestamp()' })
  startedAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  /** The update that it continued from. */
  @Column('integer', { name: 'resumed_from', default: 0 })
  resumedFrom!: number;

  /** The last lines of its trainer, if that crashed. */
  @Column('text', { nullable: true })
  log!: string | null;

  @Column('text', { nullable: true })
  message!: string | null;
}
