-- Version 2 of the landlord database: what a tenant decided about conflicts.

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
