-- Version 10 of the landlord database: how tenants did, at moments of the past.

CREATE TABLE IF NOT EXISTS tenant_samples (
  tenant_id BIGINT UNSIGNED NOT NULL,
  sampled_at DATETIME(6) NOT NULL,
  score TINYINT UNSIGNED NOT NULL COMMENT 'of its health, 0 to 100',
  reasons JSON NULL COMMENT 'kinds of what took points away',
  size_bytes BIGINT NULL COMMENT 'of tables and their indexes; null when they were not read',
  table_rows BIGINT NULL,
  free_bytes BIGINT NULL,
  statements BIGINT NULL COMMENT 'since the server began to count; null when it does not',
  latency_us BIGINT NULL,
  errors BIGINT NULL,
  rows_read BIGINT NULL,
  rows_changed BIGINT NULL,
  expires_at DATETIME(6) NOT NULL,
  PRIMARY KEY (tenant_id, sampled_at),
  KEY ix_tenant_samples_expires (expires_at)
) ENGINE=InnoDB COMMENT='how tenants did, for their growth and their history';
