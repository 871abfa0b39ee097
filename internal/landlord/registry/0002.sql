-- Version 2 of the landlord database: decisions about conflicts, checkpoints, restores, copies of rows.

CREATE TABLE IF NOT EXISTS tenant_resolutions (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT UNSIGNED NOT NULL,
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  clash VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of object, element and the three sides',
  object VARCHAR(190) NOT NULL,
  element VARCHAR(190) NOT NULL DEFAULT '' COMMENT 'part of a table, empty for a whole object',
  decision VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'keep_tenant, take_template or sql',
  sql_text LONGTEXT NULL COMMENT 'of a decision of one''s own',
  from_template VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL,
  to_template VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL,
  author VARCHAR(190) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  UNIQUE KEY uq_tenant_resolutions (tenant_id, clash),
  KEY ix_tenant_resolutions_clash (clash, id)
) ENGINE=InnoDB COMMENT='decisions on conflicts, proposed to others with the same one';

-- Version 1 had a table for checkpoints into which nothing was ever written.
DROP TABLE IF EXISTS tenant_checkpoints;

CREATE TABLE tenant_checkpoints (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT UNSIGNED NOT NULL,
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'checkpoints outlive their tenant',
  name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  present TINYINT NULL COMMENT '1 for the one that has the name, NULL while it is taken or removed',
  contents VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'schema or data',
  origin VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'request, migration or deletion',
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'taking, ready, removing or expired',
  server VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  database_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  object_tables JSON NULL COMMENT 'NULL: the whole tenant',
  template VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NULL,
  schema_fingerprint VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  labels JSON NULL COMMENT 'what the registry knew of the tenant',
  position TEXT NULL,
  consistent_at DATETIME(6) NULL COMMENT 'the moment that the rows are of',
  location TEXT NULL,
  checksum VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  table_rows BIGINT UNSIGNED NULL,
  size_bytes BIGINT UNSIGNED NULL,
  verified TINYINT NOT NULL DEFAULT 0,
  author VARCHAR(190) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expires_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_tenant_checkpoints_name (tenant_slug, name, present),
  KEY ix_tenant_checkpoints_expiry (expires_at)
) ENGINE=InnoDB COMMENT='copies of a tenant to which it can return';

CREATE TABLE IF NOT EXISTS tenant_restores (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT UNSIGNED NOT NULL,
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number BIGINT UNSIGNED NOT NULL COMMENT 'counts the restores of a slug: a plan knows the next one',
  server VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  database_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  mode VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'side_by_side or in_place',
  request VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of what was asked for',
  checkpoint_id BIGINT UNSIGNED NOT NULL,
  checkpoint_name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  point_in_time DATETIME(6) NULL,
  object_tables JSON NULL COMMENT 'NULL: the whole tenant',
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'loading, loaded, swapping, done or removed',
  side_database VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'made by this restore',
  retired_database VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'keeps the tables that gave way',
  start_schema VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  goal_schema VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NULL,
  labels JSON NULL COMMENT 'what the registry is to know of the tenant afterwards',
  report JSON NULL,
  author VARCHAR(190) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  finished_at DATETIME(6) NULL,
  expires_at DATETIME(6) NULL COMMENT 'when the retired tables go',
  PRIMARY KEY (id),
  UNIQUE KEY uq_tenant_restores_number (tenant_slug, number),
  KEY ix_tenant_restores_tenant (tenant_slug, id),
  KEY ix_tenant_restores_expiry (status, expires_at)
) ENGINE=InnoDB COMMENT='tenants that were brought back, in place or beside';

CREATE TABLE IF NOT EXISTS tenant_data_copies (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  source_id BIGINT UNSIGNED NOT NULL,
  source_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  target_id BIGINT UNSIGNED NOT NULL,
  target_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  request VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'digest of what was asked for, empty when the same may be asked for again',
  specification JSON NOT NULL COMMENT 'what was asked for',
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'running, done or abandoned',
  report JSON NULL,
  author VARCHAR(190) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  tried_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'when a run last took it up',
  finished_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  KEY ix_tenant_data_copies_target (target_slug, status, id)
) ENGINE=InnoDB COMMENT='rows that were copied from other tenants into those of this server';

CREATE TABLE IF NOT EXISTS tenant_data_copy_tables (
  copy_id BIGINT UNSIGNED NOT NULL,
  object_table VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  progress JSON NOT NULL COMMENT 'with the key of the last row: removed when the copy is done',
  PRIMARY KEY (copy_id, object_table)
) ENGINE=InnoDB COMMENT='how far the copies are that are not done';
