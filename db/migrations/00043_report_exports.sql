-- Daily reports can be downloaded as a table (docs/decisions/0061). They hold no personal data, but each download is recorded as those of other tables are.

-- +goose Up
alter table exports
	drop constraint exports_noun_known,
	add constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS', 'IMPORT_ROWS', 'NOTICE', 'DAYS'));

-- +goose Down
delete from exports where noun = 'DAYS';
alter table exports
	drop constraint exports_noun_known,
	add constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS', 'IMPORT_ROWS', 'NOTICE'));
