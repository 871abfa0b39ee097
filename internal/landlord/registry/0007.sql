-- Version 7 of the landlord database: rollouts of fleets.

CREATE TABLE IF NOT EXISTS rollouts (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  fleet VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  template VARCHAR(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'name@version that it leads to',
  waves JSON NOT NULL COMMENT 'names, in order',
  through VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the last wave that was allowed to begin',
  max_failures INT UNSIGNED NOT NULL,
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'running, waiting, halted, rolled_back, replaced or done',
  author VARCHAR(190) NOT NULL DEFAULT '',
  started_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  finished_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  KEY ix_rollouts_fleet (fleet, id)
) ENGINE=InnoDB COMMENT='changes of templates on their way to the tenants of fleets';

CREATE TABLE IF NOT EXISTS rollout_tenants (
  rollout_id BIGINT UNSIGNED NOT NULL,
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  wave SMALLINT UNSIGNED NOT NULL COMMENT 'number of its wave, from 0',
  status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'pending, running, done, failed or rolled_back',
  from_template VARCHAR(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'that it had before',
  from_modules JSON NULL,
  error TEXT NULL,
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (rollout_id, tenant_slug)
) ENGINE=InnoDB COMMENT='what a rollout did with each tenant';
