-- Imports of orders (docs/decisions/0052): a file or a pasted list whose rows become orders. An import keeps its source until it is done, so
-- that it goes on where it was cut off, and says for each row what came of it. People's words for doors and buildings are kept for each
-- community. Sheets are files of many parts, so that no one holds 50 MB in memory to keep them.

-- +goose Up
alter table communities
	add column lane text not null default '',
	add constraint communities_lane_length check (length(lane) <= 32);
comment on column communities.lane is 'the number of the lane, of an estate whose addresses begin with one: 88';

create table address_aliases (
	community_id int         not null,
	id           uuid        not null,
	kind         text        not null,
	text         text        not null,
	text_key     text        not null,
	building_id  uuid,
	household_id uuid,
	at           timestamptz not null,
	by_role      text        not null,
	by_id        uuid,
	constraint address_aliases_pkey primary key (community_id, id),
	constraint address_aliases_text_taken unique (community_id, text_key),
	constraint address_aliases_community foreign key (community_id) references communities (community_id),
	constraint address_aliases_building foreign key (community_id, building_id) references buildings (community_id, id),
	constraint address_aliases_household foreign key (community_id, household_id) references households (community_id, id),
	constraint address_aliases_kind_known check (kind in ('BUILDING', 'DOOR', 'ESTATE', 'NOISE', 'LANDMARK')),
	constraint address_aliases_means check ((building_id is not null) = (kind = 'BUILDING') and (household_id is not null) = (kind = 'DOOR')),
	constraint address_aliases_text_length check (length(text) between 1 and 80),
	constraint address_aliases_text_key_length check (length(text_key) between 1 and 240),
	constraint address_aliases_by_known check (by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER'))
);
comment on table address_aliases is 'words of an estate for its doors, buildings, itself and its landmarks, and words that say nothing';
comment on column address_aliases.text_key is 'the normal form that reading/address compares';

create table imports (
	community_id int         not null,
	id           uuid        not null,
	kind         text        not null,
	name         text        not null,
	supplier_id  uuid        not null,
	window_id    uuid,
	building_id  uuid,
	day          text        not null,
	text         text        not null,
	menu         jsonb       not null,
	headers      text[]      not null,
	file_id      uuid,
	started_at   timestamptz not null,
	by_role      text        not null,
	by_id        uuid,
	rows         int         not null,
	placed       int         not null,
	changed      int         not null,
	unchanged    int         not null,
	in_review    int         not null,
	refused      int         not null,
	dropped      int         not null,
	next         int         not null,
	total        int         not null,
	passed_over  int         not null,
	retry_at     timestamptz,
	done_at      timestamptz,
	stopped      text        not null,
	version      bigint      not null,
	constraint imports_pkey primary key (community_id, id),
	constraint imports_community foreign key (community_id) references communities (community_id),
	constraint imports_supplier foreign key (community_id, supplier_id) references suppliers (community_id, id),
	constraint imports_window foreign key (community_id, window_id) references order_windows (community_id, id),
	constraint imports_building foreign key (community_id, building_id) references buildings (community_id, id),
	constraint imports_kind_known check (kind in ('CSV', 'XLSX', 'JIELONG')),
	constraint imports_day_date check (day ~ '^20[0-9]{2}-[0-9]{2}-[0-9]{2}$'),
	constraint imports_name_length check (length(name) <= 80),
	constraint imports_text_length check (length(text) <= 100000),
	constraint imports_by_known check (by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER')),
	constraint imports_rows_all check (rows = placed + changed + unchanged + in_review + refused + dropped),
	constraint imports_not_negative check (least(placed, changed, unchanged, in_review, refused, dropped, next, total, passed_over) >= 0),
	constraint imports_one_source check (done_at is not null or (text <> '') <> (file_id is not null)),
	constraint imports_retried_until_done check (retry_at is null or done_at is null),
	constraint imports_done_after check (done_at >= started_at),
	constraint imports_stopped_length check (length(stopped) <= 64),
	constraint imports_stopped_when_done check (stopped = '' or done_at is not null),
	constraint imports_version_positive check (version > 0)
);
comment on column imports.building_id is 'of the chat group, whose entries leave it out';
comment on column imports.day is 'of the community, when it started; part of the key of a row without a number and a window';
comment on column imports.text is 'the pasted list, until it is done';
comment on column imports.menu is 'the goods of a list, as the caller gave them';
comment on column imports.headers is 'the columns of a file, for the sheet of the rows that wait';
comment on column imports.next is 'how many entries of the source are judged; it goes on with the one after them';
comment on column imports.retry_at is 'when the clock worker may go on with it, if the call that began it did not';
comment on column imports.stopped is 'the reason why it was given up, empty for most';
create index imports_unfinished on imports (retry_at) where done_at is null;
create index imports_by_supplier on imports (community_id, supplier_id, id);

create table import_rows (
	community_id    int         not null,
	id              uuid        not null,
	import_id       uuid        not null,
	row             int         not null,
	file_rows       int[]       not null,
	number          text        not null,
	key             text        not null,
	text            text        not null,
	place           text        not null,
	goods           jsonb       not null,
	note            text        not null,
	outcome         text        not null,
	reason          text        not null,
	remarks         text[]      not null,
	guesses         uuid[]      not null,
	building_id     uuid,
	household_id    uuid,
	order_id        uuid,
	settled_at      timestamptz,
	settled_by_role text,
	settled_by_id   uuid,
	constraint import_rows_pkey primary key (community_id, id),
	constraint import_rows_row_taken unique (community_id, import_id, row),
	constraint import_rows_import foreign key (community_id, import_id) references imports (community_id, id),
	constraint import_rows_household foreign key (community_id, household_id) references households (community_id, id),
	constraint import_rows_row_positive check (row > 0),
	constraint import_rows_number_length check (length(number) <= 80),
	constraint import_rows_key_length check (length(key) <= 120),
	constraint import_rows_text_length check (length(text) <= 4000),
	constraint import_rows_place_length check (length(place) <= 240),
	constraint import_rows_note_length check (length(note) <= 500),
	constraint import_rows_outcome_known check (outcome in ('PLACED', 'CHANGED', 'UNCHANGED', 'REVIEW', 'REFUSED', 'DROPPED')),
	constraint import_rows_order_when check (outcome in ('REVIEW', 'DROPPED') or (order_id is not null) = (outcome in ('PLACED', 'CHANGED', 'UNCHANGED'))),
	constraint import_rows_reason_when check ((outcome in ('REVIEW', 'REFUSED', 'DROPPED')) = (reason <> '')),
	constraint import_rows_reason_length check (length(reason) <= 200),
	constraint import_rows_text_while_open check (outcome in ('REVIEW', 'REFUSED') or (text = '' and place = '' and note = '' and goods = '[]')),
	constraint import_rows_settled_together check ((settled_at is null) = (settled_by_role is null)),
	constraint import_rows_settled_by_known check (settled_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER'))
);
comment on column import_rows.row is 'its place among the entries of the source, 1 is the first; entries that vanished come after them';
comment on column import_rows.file_rows is 'the numbers of its rows in the file, or of its lines in the list';
comment on column import_rows.key is 'by which the same entry of a later list is known: window or day, and door; empty where a number is the key';
comment on column import_rows.text is 'as it was written; personal data, kept while a person may still decide';
comment on column import_rows.place is 'the part of it that says where the household lives, which an alias is kept under';
comment on column import_rows.order_id is 'the order that it became, or that it is about; only written under that order''s lock, so it has no foreign key';
create index import_rows_by_key on import_rows (community_id, key, id) where key <> '';
create index import_rows_waiting on import_rows (community_id, id) where outcome = 'REVIEW';

create table file_parts (
	community_id int         not null,
	file_id      uuid        not null,
	part         int         not null,
	data         bytea       not null,
	at           timestamptz not null,
	constraint file_parts_pkey primary key (community_id, file_id, part),
	constraint file_parts_part_range check (part between 0 and 199),
	constraint file_parts_data_length check (octet_length(data) between 1 and 262144)
);
alter table file_parts alter column data set storage external;
comment on table file_parts is 'the bytes of sheets. A part is written before its file is known whole, so it has no foreign key; parts without a file are deleted.';
comment on column file_parts.at is 'by machine time';

alter table files
	drop constraint files_purpose_known,
	drop constraint files_media_type_known,
	drop constraint files_bytes_range,
	drop constraint files_bytes_of_data,
	drop constraint files_by_known;
alter table files
	add constraint files_purpose_known check (purpose in ('PHOTO', 'SHEET')),
	add constraint files_media_type_known check (case purpose
		when 'PHOTO' then media_type in ('image/jpeg', 'image/png', 'image/webp')
		else media_type in ('text/csv', 'text/plain', 'text/tab-separated-values', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet') end),
	add constraint files_bytes_range check (bytes between 1 and case purpose when 'PHOTO' then 5242880 else 52428800 end),
	add constraint files_bytes_of_data check (octet_length(data) = case purpose when 'PHOTO' then bytes else 0 end),
	add constraint files_by_known check (by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'SUPPLIER', 'RESIDENT')),
	add constraint files_photos_of_others check (purpose = 'SHEET' or by_role <> 'SUPPLIER');

-- +goose Down
delete from files where purpose = 'SHEET';
alter table files
	drop constraint files_photos_of_others,
	drop constraint files_purpose_known,
	drop constraint files_media_type_known,
	drop constraint files_bytes_range,
	drop constraint files_bytes_of_data,
	drop constraint files_by_known;
alter table files
	add constraint files_purpose_known check (purpose in ('PHOTO')),
	add constraint files_media_type_known check (media_type in ('image/jpeg', 'image/png', 'image/webp')),
	add constraint files_bytes_range check (bytes between 1 and 5242880),
	add constraint files_bytes_of_data check (octet_length(data) = bytes),
	add constraint files_by_known check (by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER', 'RESIDENT'));
drop table file_parts, import_rows, imports, address_aliases;
alter table communities drop column lane;
