import type { Role } from '@unroll/contracts';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Member } from './member';

/** A key of a member. A revoked key has no row. */
@Entity('api_keys')
@Index('api_keys_by_hash', ['hash'], { unique: true })
@Index('api_keys_of_member', ['memberId'])
export class ApiKey {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'member_id' })
  memberId!: string;

  @ManyToOne(() => Member, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'member_id', foreignKeyConstraintName: 'api_keys_member' })
  member?: Relation<Member>;

  @Column('text')
  name!: string;

  /** At most this; the member's own role limits it too. */
  @Column('text')
  role!: Role;

  /**
   * SHA-256 of the key, in hexadecimal. A slow hash protects passwords, which people choose; a key has 256 random bits, and no one can try
   * them, however fast the hash. A fast one costs a request nothing.
   */
  @Column('text')
  hash!: string;

  /** The first characters of the key. */
  @Column('text')
  start!: string;

  @Column({ type: 'timestamptz', name: 'created_at', precision: 3, default: () => 'clock_timestamp()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;
}
