-- One row per time zone name that a user or person may carry (time_zone_raw), with the name the engine knows.
-- SalesLoft sends IANA names and Rails names. An unknown name makes the engine raise, so only names that are in its
-- own list are ever handed to it.
with engine as (
    select distinct name from pg_timezone_names()
)
select name as time_zone_raw, name as time_zone_iana from engine
union all
select r.rails_name, r.iana_name
from mart.ref_rails_time_zone r
join engine e on e.name = r.iana_name
where r.rails_name not in (select name from engine)
order by 1
