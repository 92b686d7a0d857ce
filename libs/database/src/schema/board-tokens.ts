/**
 * How a text is tokenized; null where no text is read. Tasks on sequences have a default whatever the sequences hold: a regression
 * by characters is one on numbers, unless someone chose words, and recordings have no tokens except transcripts.
 */
export const boardTokens = [
  `create or replace function board_tokens(task text, tokens text, print text) returns text language sql stable as $$
  select case
    when task = 'regression' then nullif(tokens, 'character')
    when task = 'classification' and exists (select from datasets where fingerprint = print and kind = 'audio') then null
    else tokens
  end $$`,
  `create or replace function board_written() returns trigger language plpgsql as $$
  begin
    new.tokens := board_tokens(new.task, new.tokens, new.fingerprint);
    return new;
  end $$`,
  `create or replace trigger boards_insert before insert on boards for each row execute function board_written()`,
];
