-- Version 1 of the landlord database. Every statement can be repeated, because
-- DDL commits by itself and a run can be killed between two statements.

CREATE TABLE IF NOT EXISTS landlord_versions (
  version INT UNSIGNED NOT NULL COMMENT 'of this database',
  provider_version VARCHAR(64) NOT NULL DEFAULT '' COMMENT 'that made the upgrade',
  upgraded_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (version)
) ENGINE=InnoDB COMMENT='versions that this database went through';

CREATE TABLE IF NOT EXISTS `schemas` (
  fingerprint VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'versioned hash of the structure',
  body LONGTEXT NOT NULL COMMENT 'JSON: every object with the text of the server',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (fingerprint)
) ENGINE=InnoDB COMMENT='schemas by content, each stored once';

CREATE TABLE IF NOT EXISTS tenant_templates (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  version VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SemVer; a published version never changes',
  template_type VARCHAR(64) NOT NULL DEFAULT '',
  description TEXT NULL,
  parent VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'name@version that this one extends',
  sources JSON NOT NULL COMMENT 'the layers as they were published',
  schema_snapshot JSON NULL COMMENT 'the core as the server prints it',
  schema_fingerprint VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  checksum VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  database_name VARCHAR(65) NULL COMMENT 'the materialized copy, if there is one; with ? in front while it is made',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_tenant_templates_name_version (name, version)
) ENGINE=InnoDB COMMENT='published template versions';

CREATE TABLE IF NOT EXISTS template_renderings (
  composition VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of the composed statements',
  server_key VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'product, version and settings that shape the result',
  fingerprint VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (composition, server_key)
) ENGINE=InnoDB COMMENT='what a composition becomes on a server';

CREATE TABLE IF NOT EXISTS tenants (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(255) NOT NULL,
  database_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  server VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'key of the provider''s servers, empty for the main one',
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'creating, active, suspended, archived or dropping',
  metadata JSON NULL,
  template VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  desired_version VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  applied_version VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  modules JSON NULL,
  composition VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digest of the composed statements in force',
  initial_schema VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  current_schema VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'base: true after the last successful change',
  running_digest VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'migration that is running or was interrupted',
  last_migration JSON NULL COMMENT 'summary of the newest finished migration',
  locked_out JSON NULL COMMENT 'privileges taken from accounts while suspended or archived',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_tenants_slug (slug),
  UNIQUE KEY uq_tenants_database (server, database_name),
  KEY ix_tenants_template (template, applied_version)
) ENGINE=InnoDB COMMENT='one row per tenant database';

CREATE TABLE IF NOT EXISTS tenant_migrations_history (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT UNSIGNED NOT NULL,
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  running TINYINT NULL COMMENT '1 while unfinished, else NULL: one per tenant',
  migration_name VARCHAR(190) NOT NULL,
  level TINYINT NOT NULL COMMENT '1 template, 2 module, 3 tenant',
  digest VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  from_template VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL,
  to_template VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL,
  modules JSON NULL,
  composition VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  from_schema VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  to_schema VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  recorded_schema VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'base after the migration: its schema but for drift',
  rollback_snapshot VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'schema (fingerprint) to which the migration goes back',
  steps INT UNSIGNED NOT NULL DEFAULT 0,
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'running, done, failed or abandoned',
  author VARCHAR(190) NOT NULL DEFAULT '',
  server_uuid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  connection_id BIGINT UNSIGNED NOT NULL DEFAULT 0,
  started_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  applied_at DATETIME(6) NULL,
  duration_ms BIGINT UNSIGNED NULL,
  error TEXT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_tenant_migrations_running (tenant_id, running),
  KEY ix_tenant_migrations_tenant (tenant_id, id),
  KEY ix_tenant_migrations_digest (digest)
) ENGINE=InnoDB COMMENT='the ledger: one row per migration of a tenant';

CREATE TABLE IF NOT EXISTS tenant_migration_steps (
  migration_id BIGINT UNSIGNED NOT NULL,
  step INT UNSIGNED NOT NULL,
  kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ddl or dml',
  operation VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  object VARCHAR(190) NOT NULL,
  level TINYINT NOT NULL,
  origin VARCHAR(255) NOT NULL DEFAULT '',
  sql_sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'text in migration_statements',
  before_schema VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  after_schema VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'planned, intent or done',
  detail JSON NULL COMMENT 'risk and session settings, to go on after a crash',
  started_at DATETIME(6) NULL,
  finished_at DATETIME(6) NULL,
  error TEXT NULL,
  PRIMARY KEY (migration_id, step)
) ENGINE=InnoDB COMMENT='one row per statement of a migration';

CREATE TABLE IF NOT EXISTS migration_statements (
  sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sql_text LONGTEXT NOT NULL,
  PRIMARY KEY (sha256)
) ENGINE=InnoDB COMMENT='texts of steps by content, each stored once';

CREATE TABLE IF NOT EXISTS tenant_customizations (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason TEXT NOT NULL,
  definition JSON NOT NULL,
  objects JSON NULL,
  checksum VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  author VARCHAR(190) NOT NULL DEFAULT '',
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_tenant_customizations_name (tenant_id, name)
) ENGINE=InnoDB COMMENT='what a tenant has of its own, with the reason';

CREATE TABLE IF NOT EXISTS tenant_checkpoints (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(190) NOT NULL,
  contents VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'schema or data',
  template VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL,
  schema_fingerprint VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  position TEXT NULL,
  manifest JSON NULL,
  location TEXT NULL,
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expires_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_tenant_checkpoints_name (tenant_id, name)
) ENGINE=InnoDB COMMENT='copies of a tenant to which it can return';

CREATE TABLE IF NOT EXISTS migration_approvals (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  digest VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'empty: every tenant with this digest',
  approved_by VARCHAR(190) NOT NULL DEFAULT '',
  note TEXT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expires_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_migration_approvals_digest (digest, tenant_slug)
) ENGINE=InnoDB COMMENT='what a person allowed to run';

CREATE TABLE IF NOT EXISTS tenant_events (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT UNSIGNED NOT NULL,
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  event VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  detail JSON NULL,
  author VARCHAR(190) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY ix_tenant_events_tenant (tenant_id, id)
) ENGINE=InnoDB COMMENT='what happened to a tenant, for people';

CREATE TABLE IF NOT EXISTS retired_objects (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT UNSIGNED NOT NULL,
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  migration_id BIGINT UNSIGNED NOT NULL DEFAULT 0,
  object_table VARCHAR(64) NOT NULL COMMENT 'the table that was dropped or lost a column',
  object_columns JSON NULL COMMENT 'NULL: the whole table',
  key_columns JSON NULL,
  definition LONGTEXT NOT NULL,
  retired_as VARCHAR(64) NOT NULL COMMENT 'table of the retirement database',
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'planned, kept, returning, returned or purged',
  retired_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expires_at DATETIME(6) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_retired_objects_as (retired_as),
  KEY ix_retired_objects_tenant (tenant_id, object_table),
  KEY ix_retired_objects_expiry (state, expires_at)
) ENGINE=InnoDB COMMENT='data set aside instead of destroyed';
