/** A name of the registry that was deleted is there again once a version of it is registered, whichever version of Unroll does that. */
export const models = [
  `create or replace function model_registered() returns trigger language plpgsql as $$
  begin
    if old.deleted_at is not null then
      new.deleted_at := null;
      new.created_at := clock_timestamp();
    end if;
    return new;
  end $$`,
  // Migrations from before this table make the schema too.
  `do $$ begin
    if to_regclass('registered_models') is not null then
      create or replace trigger registered_models_update before update of last_version on registered_models
      for each row execute function model_registered();
    end if;
  end $$`,
];
