-- A building counts what a run left there. If the run leaves more later, or a drop is taken back, that count is of another number of bags:
-- the building counts again. Until then the drop is not accepted.

-- +goose Up
-- +goose StatementBegin
create function count_drop_again() returns trigger language plpgsql as $$
begin
	new.bags_accepted := null;
	new.accepted_by := null;
	new.accepted_at := null;
	return new;
end $$;
-- +goose StatementEnd
create trigger drops_count_again before update of bags_left on drops for each row
	when (new.bags_left <> old.bags_left and old.bags_accepted is not null) execute function count_drop_again();

-- +goose Down
drop trigger drops_count_again on drops;
drop function count_drop_again();
