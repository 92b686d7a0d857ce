import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Team } from './team';
import { Trial } from './trial';

/**
 * A name under which a team registers models. Its row outlives it: a name that is used again goes on counting. Of those that were deleted,
 * the last `limits.models` of a team are kept.
 */
@Entity('registered_models')
export class RegisteredModelRow {
  @PrimaryColumn('text', { name: 'team_id' })
  teamId!: string;

  @ManyToOne(() => Team, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'team_id', foreignKeyConstraintName: 'registered_models_team' })
  team?: Relation<Team>;

  @PrimaryColumn('text')
  name!: string;

  /** The newest version there was, also if it was deleted: no number is used twice. */
  @Column('integer', { name: 'last_version' })
  lastVersion!: number;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;

  /** When it was deleted with all of its versions; null if it is there. */
  @Column({ type: 'timestamptz', name: 'deleted_at', precision: 3, nullable: true })
  deletedAt!: Date | null;
}

/** The model of a trial as a version of a name. */
@Entity('model_versions')
@Index('model_versions_of_trial', ['trialId'])
export class ModelVersionRow {
  @PrimaryColumn('text', { name: 'team_id' })
  teamId!: string;

  @PrimaryColumn('text')
  name!: string;

  @ManyToOne(() => RegisteredModelRow, { onDelete: 'CASCADE' })
  @JoinColumn([
    { name: 'team_id', referencedColumnName: 'teamId', foreignKeyConstraintName: 'model_versions_model' },
    { name: 'name', referencedColumnName: 'name', foreignKeyConstraintName: 'model_versions_model' },
  ])
  model?: Relation<RegisteredModelRow>;

  @PrimaryColumn('integer')
  version!: number;

  @Column('text', { name: 'trial_id' })
  trialId!: string;

  @ManyToOne(() => Trial)
  @JoinColumn({ name: 'trial_id', foreignKeyConstraintName: 'model_versions_trial' })
  trial?: Relation<Trial>;

  @Column('text')
  note!: string;

  /** Name of the member who registered it. */
  @Column('text')
  author!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;
}

/** A word that points at a version, such as champion. */
@Entity('model_aliases')
@Index('model_aliases_of_version', ['teamId', 'name', 'version'])
export class ModelAliasRow {
  @PrimaryColumn('text', { name: 'team_id' })
  teamId!: string;

  @PrimaryColumn('text')
  name!: string;

  @PrimaryColumn('text')
  alias!: string;

  @Column('integer')
  version!: number;

  @ManyToOne(() => ModelVersionRow)
  @JoinColumn([
    { name: 'team_id', referencedColumnName: 'teamId', foreignKeyConstraintName: 'model_aliases_version' },
    { name: 'name', referencedColumnName: 'name', foreignKeyConstraintName: 'model_aliases_version' },
    { name: 'version', referencedColumnName: 'version', foreignKeyConstraintName: 'model_aliases_version' },
  ])
  of?: Relation<ModelVersionRow>;
}
