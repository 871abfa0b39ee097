-- Version 13 of the landlord database: tenants that move to another server.

CREATE TABLE IF NOT EXISTS tenant_moves (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT UNSIGNED NOT NULL,
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  open TINYINT NULL COMMENT '1 while unfinished, else NULL: one per tenant',
  from_server VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'key of the provider''s servers, empty for the main one',
  to_server VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  database_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'beginning, copying, switched, done, abandoned or cleared',
  retired_database VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '' COMMENT 'what the tenant was on the former server',
  checkpoint VARCHAR(190) NOT NULL DEFAULT '',
  may_drop TINYINT NOT NULL DEFAULT 0 COMMENT '1: the former database may be dropped when its retention is over',
  table_rows BIGINT UNSIGNED NOT NULL DEFAULT 0,
  paused_ms BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how long nobody could write',
  author VARCHAR(190) NOT NULL DEFAULT '',
  started_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  finished_at DATETIME(6) NULL,
  expires_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_tenant_moves_open (tenant_id, open),
  KEY ix_tenant_moves_expiry (from_server, status, expires_at)
) ENGINE=InnoDB COMMENT='tenants that moved to another server';
