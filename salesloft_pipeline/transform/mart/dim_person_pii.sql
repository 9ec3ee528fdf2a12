-- One row per person (person_id): names, addresses and phone numbers; personal data, to be granted apart.
select
    id as person_id,
    first_name,
    last_name,
    email_address,
    secondary_email_address,
    personal_email_address,
    phone,
    phone_extension,
    home_phone,
    mobile_phone
from raw_salesloft.people
order by id
