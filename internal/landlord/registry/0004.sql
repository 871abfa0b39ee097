-- Version 4 of the landlord database: the accounts of tenants.

CREATE TABLE IF NOT EXISTS tenant_accounts (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id BIGINT UNSIGNED NOT NULL,
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  server VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  account VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'user name on the server; its passwords are there alone',
  hosts JSON NOT NULL,
  role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'migrator, application or read_only',
  require_tls TINYINT NOT NULL DEFAULT 0,
  max_user_connections INT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0 for no limit but the server''s',
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'making or ready',
  author VARCHAR(190) NOT NULL DEFAULT '',
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expires_at DATETIME(6) NULL COMMENT 'when credentials of one run are dropped; NULL for an account that stays',
  PRIMARY KEY (id),
  UNIQUE KEY uq_tenant_accounts_account (server, account),
  KEY ix_tenant_accounts_tenant (tenant_id),
  KEY ix_tenant_accounts_expiry (expires_at)
) ENGINE=InnoDB COMMENT='accounts that tenants have on their servers';
