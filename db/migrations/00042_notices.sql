-- Notices and their reach (docs/decisions/0059): what the team tells households, squads and suppliers, and which households it has reached. Notices of
-- closure set how strictly the community is closed; the index notices_one_closure keeps it to one at a time.

-- +goose Up
create table notices (
	community_id      int         not null,
	id                uuid        not null,
	number            bigint      not null,
	kind              text        not null,
	level             text,
	title             text        not null,
	body              text        not null,
	households        boolean     not null,
	building_ids      uuid[]      not null,
	squads            text[]      not null,
	suppliers         boolean     not null,
	effective_at      timestamptz not null,
	published_at      timestamptz not null,
	published_by_role text        not null,
	published_by_id   uuid,
	ended_at          timestamptz,
	audience          int         not null,
	seen              int         not null,
	told              int         not null,
	constraint notices_pkey primary key (community_id, id),
	constraint notices_number_taken unique (community_id, number),
	constraint notices_community foreign key (community_id) references communities (community_id),
	constraint notices_number_positive check (number > 0),
	constraint notices_kind_known check (kind in ('NOTICE', 'CLOSURE', 'REOPENING')),
	constraint notices_level_known check (level in ('SEALED', 'CONTROLLED', 'PRECAUTION')),
	constraint notices_closure_has_level check ((kind = 'CLOSURE') = (level is not null)),
	constraint notices_title_length check (length(title) between 1 and 80),
	constraint notices_body_length check (length(body) <= 2000),
	constraint notices_squads_known check (squads <@ array['PERSUASION', 'SUPPLY', 'TRANSPORT', 'DUTY', 'PATROL']),
	constraint notices_addressed check (households or suppliers or squads <> '{}'),
	constraint notices_buildings_of_households check (households or building_ids = '{}'),
	constraint notices_closure_to_all check (kind = 'NOTICE' or (households and building_ids = '{}')),
	constraint notices_published_by_known check (published_by_role in ('ADMIN', 'COMMANDER', 'LEAD')),
	constraint notices_ended_after check (ended_at >= published_at),
	constraint notices_reach_fits check (seen >= 0 and told >= 0 and seen + told <= audience)
);
comment on column notices.building_ids is 'whose households it addresses; empty for all of them';
comment on column notices.ended_at is 'when another notice took its place, perhaps in the future';
comment on column notices.told is 'households that were told and have not seen it';
create unique index notices_one_closure on notices (community_id) where kind = 'CLOSURE' and ended_at is null;

create table notice_reach (
	community_id int  not null,
	notice_id    uuid not null,
	household_id uuid not null,
	seen_at      timestamptz,
	told_at      timestamptz,
	told_by_role text,
	told_by_id   uuid,
	constraint notice_reach_pkey primary key (community_id, notice_id, household_id),
	constraint notice_reach_notice foreign key (community_id, notice_id) references notices (community_id, id),
	constraint notice_reach_household foreign key (community_id, household_id) references households (community_id, id),
	constraint notice_reach_told_together check ((told_at is null) = (told_by_role is null)),
	constraint notice_reach_told_by_known check (told_by_role in ('ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER'))
);

alter table exports
	drop constraint exports_noun_known,
	drop constraint exports_contacts_of_households,
	add constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS', 'IMPORT_ROWS', 'NOTICE')),
	add constraint exports_contacts_of_households check (not contacts or noun in ('HOUSEHOLDS', 'NOTICE') and by_role in ('ADMIN', 'COMMANDER'));

-- +goose Down
delete from exports where noun = 'NOTICE';
alter table exports
	drop constraint exports_noun_known,
	drop constraint exports_contacts_of_households,
	add constraint exports_noun_known check (noun in ('ORDERS', 'HOUSEHOLDS', 'VOLUNTEERS', 'INCIDENTS', 'IMPORT_ROWS')),
	add constraint exports_contacts_of_households check (not contacts or noun = 'HOUSEHOLDS' and by_role in ('ADMIN', 'COMMANDER'));
drop table notice_reach, notices;
