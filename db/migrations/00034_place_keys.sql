-- A row that a person decided waits again in each later posting of its list, because a text such as 1203 is not remembered for the whole estate. What a text
-- was decided to mean is known within the postings of one list, so the text that says where the household lives is kept in its normal form for a while.

-- +goose Up
alter table import_rows
	add column place_key text,
	add constraint import_rows_place_key_length check (length(place_key) between 1 and 240),
	add constraint import_rows_place_key_settled check (place_key is null or (settled_at is not null and household_id is not null and outcome in ('PLACED', 'CHANGED', 'UNCHANGED')));
comment on column import_rows.place_key is 'the normal form of place of a row that a person decided; personal data, kept 14 days; null if there is none';

-- +goose Down
alter table import_rows drop column place_key;
