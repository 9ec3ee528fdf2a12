-- What happens on calls? The mix of dispositions over four weeks.
select
    disposition_category,
    count(*) as calls,
    cast(count(*) as double precision) / sum(count(*)) over () as share,
    cast(avg(duration_seconds) as double precision) as mean_seconds
from mart.fct_call
where not is_deleted and call_date > :as_of - 28
group by disposition_category
order by calls desc, disposition_category
