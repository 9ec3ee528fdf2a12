-- One row per team of users (group_id), with its place in the tree; -1 is no team, or a team not known.
with recursive groups as (
    select id as group_id, name as group_name, parent_id, false as is_inferred
    from raw_salesloft.groups
    union all
    select distinct u.group_id, 'Group ' || cast(u.group_id as text), cast(null as bigint), true
    from mart.dim_user_history u
    where u.group_id <> -1 and u.group_id not in (select id from raw_salesloft.groups)
),
tree as (
    select g.group_id, cast(coalesce(g.group_name, 'Group ' || cast(g.group_id as text)) as text) as path, 1 as level
    from groups g
    where g.parent_id is null or g.parent_id not in (select id from raw_salesloft.groups)
    union all
    select g.group_id, t.path || ' / ' || coalesce(g.group_name, 'Group ' || cast(g.group_id as text)), t.level + 1
    from groups g
    join tree t on t.group_id = g.parent_id
    where t.level < 20
)
select g.group_id, g.group_name, g.parent_id, coalesce(t.path, g.group_name) as path, t.level, g.is_inferred
from groups g
left join tree t on t.group_id = g.group_id
union all
select -1, 'No team', null, 'No team', 1, false
order by 1
