-- Shifts (docs/decisions/0055): who is on duty, when and where. A member who checks in becomes reachable, one who is absent or checks out does not, and
-- the holders of orders follow. No volunteer is on two shifts at once: an exclusion constraint keeps that. It needs the extension btree_gist; where that
-- cannot be created, a trigger keeps the same rule under the same name.

-- +goose Up
create table shifts (
	community_id int         not null,
	id           uuid        not null,
	squad        text        not null,
	station      text        not null,
	starts_at    timestamptz not null,
	ends_at      timestamptz not null,
	needed       int         not null,
	version      bigint      not null,
	created_at   timestamptz not null,
	cancelled_at timestamptz,
	constraint shifts_pkey primary key (community_id, id),
	constraint shifts_community foreign key (community_id) references communities (community_id),
	constraint shifts_squad_known check (squad in ('PERSUASION', 'SUPPLY', 'TRANSPORT', 'DUTY', 'PATROL')),
	constraint shifts_station_length check (length(station) between 1 and 80),
	constraint shifts_in_order check (starts_at < ends_at and ends_at <= starts_at + interval '24 hours'),
	constraint shifts_needed_range check (needed between 0 and 200),
	constraint shifts_version_positive check (version > 0)
);
create index shifts_by_start on shifts (community_id, starts_at);

create table shift_members (
	community_id int         not null,
	shift_id     uuid        not null,
	volunteer_id uuid        not null,
	starts_at    timestamptz not null,
	ends_at      timestamptz not null,
	state        text        not null,
	in_at        timestamptz,
	out_at       timestamptz,
	missed_at    timestamptz,
	due_at       timestamptz,
	constraint shift_members_pkey primary key (community_id, shift_id, volunteer_id),
	constraint shift_members_shift foreign key (community_id, shift_id) references shifts (community_id, id),
	constraint shift_members_volunteer foreign key (community_id, volunteer_id) references volunteers (community_id, id),
	constraint shift_members_state_known check (state in ('PLANNED', 'ON', 'DONE', 'ABSENT')),
	constraint shift_members_in_order check (starts_at < ends_at or (starts_at = ends_at and state = 'DONE')),
	constraint shift_members_in_when check ((in_at is not null) = (state in ('ON', 'DONE')) and (out_at is not null) = (state = 'DONE')),
	constraint shift_members_out_after_in check (out_at >= in_at),
	constraint shift_members_due_when check ((due_at is not null) = (state in ('PLANNED', 'ON')))
);
comment on column shift_members.ends_at is 'the end of the shift; of a member who checked out earlier, that instant';
comment on column shift_members.missed_at is 'when the clock found that the member had not come';
comment on column shift_members.due_at is 'when the clock looks at the member next';
create index shift_members_by_volunteer on shift_members (community_id, volunteer_id, starts_at);
create index shift_members_due on shift_members (community_id, due_at) where due_at is not null;
create unique index shift_members_one_on on shift_members (community_id, volunteer_id) where state = 'ON';

alter table incidents
	add constraint incidents_shift foreign key (community_id, shift_id) references shifts (community_id, id);

-- +goose StatementBegin
do $migration$
begin
	create extension if not exists btree_gist;
	alter table shift_members
		add constraint shift_members_not_twice exclude using gist (community_id with =, volunteer_id with =, tstzrange(starts_at, ends_at) with &&)
		where (state <> 'ABSENT');
exception
	-- The role may not create it, or it is not installed, or it is in a schema that is not on the search path.
	when insufficient_privilege or undefined_file or feature_not_supported or undefined_object then
		create function shift_members_not_twice() returns trigger language plpgsql as $function$
		begin
			-- Two transactions that plan one volunteer wait for each other here, and the second then sees the rows of the first.
			perform 1
			   from volunteers v
			  where v.community_id = new.community_id and v.id = new.volunteer_id
			    for no key update;
			if exists (
				select from shift_members m
				 where m.community_id = new.community_id and m.volunteer_id = new.volunteer_id and m.shift_id <> new.shift_id
				   and m.state <> 'ABSENT' and tstzrange(m.starts_at, m.ends_at) && tstzrange(new.starts_at, new.ends_at)) then
				raise exception 'the volunteer is on another shift at that time'
					using errcode = 'exclusion_violation', constraint = 'shift_members_not_twice', table = 'shift_members';
			end if;
			return new;
		end
		$function$;
		create trigger shift_members_not_twice before insert or update on shift_members
			for each row when (new.state <> 'ABSENT') execute function shift_members_not_twice();
end
$migration$;
-- +goose StatementEnd

-- +goose Down
-- The extension stays: something else in the database may use it by now.
delete from incidents where shift_id is not null;
alter table incidents drop constraint incidents_shift;
drop table shift_members, shifts;
drop function if exists shift_members_not_twice();
