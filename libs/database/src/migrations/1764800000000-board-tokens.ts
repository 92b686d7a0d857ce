import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How a text is tokenized; null if no text is read. Tasks on sequences have a default whatever the sequences hold: a regression by
 * characters is one on numbers, unless someone chose words, and recordings have no tokens except transcripts.
 */
const tokensOf = `create function board_tokens(task text, tokens text, print text) returns text language sql stable as $$
  select case
    when task = 'regression' then nullif(tokens, 'character')
    when task = 'classification' and exists (select from datasets where fingerprint = print and kind = 'audio') then null
    else tokens
  end $$`;

const statements = [
  tokensOf,
  `create function board_written() returns trigger language plpgsql as $$
  begin
    new.tokens := board_tokens(new.task, new.tokens, new.fingerprint);
    return new;
  end $$`,
  `create trigger boards_insert before insert on boards for each row execute function board_written()`,
  `update boards set tokens = board_tokens(task, tokens, fingerprint)
   where tokens is distinct from board_tokens(task, tokens, fingerprint)`,
];

/** Boards say how a text is tokenized, and nothing if no text is read. */
export class BoardTokens1764800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop trigger boards_insert on boards');
    await runner.query('drop function board_written()');
    await runner.query('drop function board_tokens(text, text, text)');
    await runner.query(
      `update boards set tokens = 'character' where tokens is null and task in ('regression', 'classification')`,
    );
  }
}
