-- Version 3 of the landlord database: how tenants are to go, for those whose files a deletion needs.

CREATE TABLE IF NOT EXISTS tenant_deletions (
  tenant_id BIGINT UNSIGNED NOT NULL,
  policy VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'protect, archive or drop',
  checkpoint VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'name of the one on whose strength the tenant may be dropped',
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (tenant_id)
) ENGINE=InnoDB COMMENT='how tenants are to go, by their last apply; outlives them as their checkpoints do';
