-- The rows of an import that wait or were refused can be downloaded. They hold addresses as people wrote them, so each download is recorded as those
-- of other tables are.

-- +goose Up
alter table exports
	drop constraint exports_noun_known,
	add constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS', 'IMPORT_ROWS'));

-- +goose Down
delete from exports where noun = 'IMPORT_ROWS';
alter table exports
	drop constraint exports_noun_known,
	add constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS'));
