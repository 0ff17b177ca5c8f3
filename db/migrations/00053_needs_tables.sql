-- Four more tables of the needs analysis can be downloaded: medicines that are due, offers that sold out, the hands of a day, and the errors of forecasts.

-- +goose Up
alter table exports
	drop constraint exports_noun_known,
	add constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS', 'IMPORT_ROWS', 'NOTICE', 'DAYS',
		'DEMAND', 'FORECAST', 'GAP', 'REACH', 'NEEDS', 'UNMET', 'MEDICINES', 'SOLD_OUT', 'HANDS', 'SCORES'));

-- +goose Down
delete from exports where noun in ('MEDICINES', 'SOLD_OUT', 'HANDS', 'SCORES');
alter table exports
	drop constraint exports_noun_known,
	add constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS', 'IMPORT_ROWS', 'NOTICE', 'DAYS',
		'DEMAND', 'FORECAST', 'GAP', 'REACH', 'NEEDS', 'UNMET'));
