-- Three databases of one server: what people query, where deliveries wait, and what Dagster remembers. The first is
-- made by the image itself (POSTGRES_DB).
create database landing;
create database dagster;
-- Every build lets it read schema mart without personal data; give it to your analysts.
create role salesloft_reader;
