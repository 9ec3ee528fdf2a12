-- The engagement_date of rows that may differ.
select engagement_date from changed.daily_engagement
union select event_date from changed.fct_engagement_event
union select date_day from changed.dim_date
union select date_day from mart.dim_date
where date_day > cast(:as_of_before at time zone :time_zone as date)
    and date_day <= cast(:as_of at time zone :time_zone as date)
-- A user's days reach over the whole calendar.
union select date_day from mart.dim_date
where exists (select 1 from changed.dim_user) or exists (select 1 from changed.dim_user_history)
