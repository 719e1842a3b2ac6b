#!/bin/sh
# Runs once, when PostgreSQL makes its data folder: two roles and the database.
# bp_ops owns the tables and sees all workspaces; bp_app serves people and is bound by row-level security.
set -eu

ops_password=$(cat /run/secrets/database_ops_password)
app_password=$(cat /run/secrets/database_app_password)

psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" \
    --set ops_password="$ops_password" --set app_password="$app_password" <<'SQL'
CREATE ROLE bp_ops LOGIN NOSUPERUSER NOCREATEROLE BYPASSRLS PASSWORD :'ops_password';
CREATE ROLE bp_app LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
CREATE DATABASE buildpractical OWNER bp_ops;
REVOKE ALL ON DATABASE buildpractical FROM PUBLIC;
GRANT CONNECT ON DATABASE buildpractical TO bp_app;
SQL
