-- Version 8 of the landlord database: what plans have found in the data of
-- tenants, and which tenants do not follow their template.

CREATE TABLE IF NOT EXISTS plan_findings (
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '' COMMENT 'customization or restore; empty for the tenant',
  digest CHAR(71) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'of the migration',
  findings JSON NOT NULL,
  found_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (tenant_slug, subject, digest),
  KEY ix_plan_findings_found (found_at)
) ENGINE=InnoDB COMMENT='what the data said to plans, so that their applies say the same';

CREATE TABLE IF NOT EXISTS tenant_standings (
  tenant_id BIGINT UNSIGNED NOT NULL,
  update_status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'pending_approval, conflict or held',
  wanted VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'name@version that the tenant does not follow',
  changed_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (tenant_id)
) ENGINE=InnoDB COMMENT='tenants that stay behind the template that is wanted of them';
