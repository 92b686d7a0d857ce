import { HttpStatus, Inject, Injectable, Logger } from '@nestjs/common';
import { Member } from '@unroll/database';
import { DataSource, type EntityManager } from 'typeorm';
import { ProblemException } from '../http/problem';
import { insertKey } from '../team/keys.service';
import type { Identity, Journey, OpenId } from './open-id';

export const openIdProvider = Symbol('OpenId');

/** Seconds for which a browser is signed in: a working day. */
const validity = 12 * 3600;

@Injectable()
export class SignInService {
  private readonly logger = new Logger(SignInService.name);

  constructor(
    private readonly dataSource: DataSource,
    @Inject(openIdProvider) readonly openId: OpenId | null,
  ) {}

  async begin(): Promise<{ address: string; journey: Journey }> {
    return this.required()
      .begin()
      .catch((error: unknown) => {
        this.logger.error({ error: String(error) }, 'the OpenID provider cannot be used');
        throw new ProblemException(HttpStatus.SERVICE_UNAVAILABLE, 'the OpenID provider cannot be reached: try again');
      });
  }

  /** What the page is told: a key of the member who was recognised, or why there is none. */
  async end(query: string, journey: Journey): Promise<{ key: string } | { refused: string }> {
    let identity: Identity;
    try {
      identity = await this.required().end(query, journey);
    } catch (error) {
      this.logger.warn({ error: String(error) }, 'a sign-in at the OpenID provider has failed');
      return { refused: 'The sign-in was not completed: try again.' };
    }
    const key = await this.dataSource.transaction((manager) => this.keyFor(manager, identity));
    return key === undefined
      ? { refused: `No team has a member with ${identity.email ?? 'your account'}: ask an admin to add you.` }
      : { key };
  }

  private required(): OpenId {
    if (!this.openId) throw new ProblemException(HttpStatus.NOT_FOUND, 'no OpenID provider is configured');
    return this.openId;
  }

  /** A key for the member whom the provider has recognised before, or whose address it has verified; the audit has an entry of it. */
  private async keyFor(manager: EntityManager, { subject, email }: Identity): Promise<string | undefined> {
    const known = await manager.findOneBy(Member, { subject });
    const member = known ?? (email === undefined ? null : await manager.findOneBy(Member, { email }));
    if (!member || (member.subject !== null && member.subject !== subject)) return undefined;
    if (!known) await manager.update(Member, { id: member.id }, { subject });
    const key = await insertKey(manager, member, { name: 'browser', role: member.role, expiresIn: validity });
    await manager.query(
      `insert into audit (team_id, member, key_name, action, target, change, done) values ($1, $2, $3, 'member.signin', $2, $4, true)`,
      [member.teamId, member.name, key.name, JSON.stringify({ key: key.id })],
    );
    return key.key;
  }
}
