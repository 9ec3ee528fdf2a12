-- The email_id of rows that may differ.
select id from changed.emails
union select id from changed.emails_versions
