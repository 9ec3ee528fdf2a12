-- The membership_id of rows that may differ.
select id from changed.cadence_memberships
