-- When a community's day begins, as delivery.Community.Today says: at the first instant at which the calendar of the zone
-- shows it, which is after midnight where clocks are put forward then, and the first of two midnights where they are put
-- back. The city board counted by PostgreSQL's own reading, which is an hour off on such days.

-- +goose Up
-- +goose StatementBegin
create function day_start(zone text, day date) returns timestamptz language plpgsql stable strict parallel safe as $$
declare
	midnight  timestamptz := cast(day as timestamp) at time zone zone;
	candidate timestamptz;
begin
	-- The offsets of the day before and of the day after each give a midnight; the first that is on the day begins it.
	for candidate in
		select (cast(day as timestamp) at time zone 'UTC') - ((near at time zone zone) - (near at time zone 'UTC'))
		  from unnest(array[midnight - interval '26 hours', midnight, midnight + interval '26 hours']) as near
		 order by 1
	loop
		if cast(candidate at time zone zone as date) >= day then
			return candidate;
		end if;
	end loop;
	return midnight;
end $$;
-- +goose StatementEnd

-- The instant's day: from its first instant to that of the next.
-- +goose StatementBegin
create function day_of(zone text, at timestamptz, out since timestamptz, out until timestamptz) language plpgsql stable strict parallel safe as $$
declare
	day date := cast(at at time zone zone as date);
begin
	since := day_start(zone, day);
	until := day_start(zone, day + 1);
	while until <= at loop -- clocks were put back over midnight, or a day was left out
		day   := day + 1;
		since := until;
		until := day_start(zone, day + 1);
	end loop;
end $$;
-- +goose StatementEnd

-- +goose Down
drop function day_of;
drop function day_start;
