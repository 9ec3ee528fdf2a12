-- The week_start of rows that may differ.
select week_start from mart.dim_date where date_day in (select engagement_date from changed.daily_engagement)
union select week_start from changed.dim_date
