import type { MigrationInterface, QueryRunner } from 'typeorm';
import { recreateLiveSchema } from '../schema';

/** Workers tell the memory of their device, trainers what a signature takes of it: claims go by both. */
export class FittingClaims1766000003500 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table workers add memory_class text, add room double precision');
    await runner.query(
      `create table signature_memory (signature text primary key, bytes jsonb not null, least jsonb not null, most double precision not null,
         noted_at timestamptz not null default clock_timestamp())`,
    );
    await runner.query('create index signature_memory_most on signature_memory (most)');
    await runner.query(
      `create table departed_memory (memory_class text, room double precision, left_at timestamptz not null default clock_timestamp(),
         primary key (memory_class, room))`,
    );
    await runner.query('drop function if exists next_sweep_for(jsonb, text, text, text, text[])');
    await recreateLiveSchema(runner, 'e8039d0c2364bc00');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `drop function next_sweep_for(jsonb, text[], text, text, text, text[]), too_large_for(json), fleet_memory(text)`,
    );
    await runner.query('drop table departed_memory, signature_memory');
    await runner.query('alter table workers drop memory_class, drop room');
  }
}
