-- The two accounts of Top Dog in its database, and the schema for its tables. Once, as an administrator, in that database (psql 15 or newer):
--   TOPDOG_OWNER_PASSWORD=… TOPDOG_SERVER_PASSWORD=… psql -d topdog -f accounts.sql
\set ON_ERROR_STOP on
\getenv owner_password TOPDOG_OWNER_PASSWORD
\getenv server_password TOPDOG_SERVER_PASSWORD

-- For `topdog-phone migrate` alone: it makes the tables and changes them.
create role topdog_owner login password :'owner_password';
-- For the servers: they read and write rows.
create role topdog_server login password :'server_password';

create schema topdog_phone authorization topdog_owner;
grant usage on schema topdog_phone to topdog_server;
alter default privileges for role topdog_owner in schema topdog_phone grant select, insert, update, delete on tables to topdog_server;
