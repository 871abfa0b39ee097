-- Version 11 of the landlord database: where the servers are, and tenants that wait
-- for an owner, for applications.

CREATE TABLE IF NOT EXISTS landlord_servers (
  server VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'key of the provider''s servers, empty for the main one',
  host VARCHAR(255) NULL COMMENT 'as the last run that changed something reached it; NULL for a socket',
  port INT UNSIGNED NULL,
  updated_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (server)
) ENGINE=InnoDB COMMENT='where tenants are, for applications';

CREATE TABLE IF NOT EXISTS pool_tenants (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'as long as nobody has the tenant',
  fleet VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number INT UNSIGNED NOT NULL COMMENT 'counts the tenants that the fleet has made for its pool',
  state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'busy, ready, claimed or gone',
  claimed_as VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'slug that it has got, with _ for -',
  claimed_by VARCHAR(190) NULL,
  claimed_at DATETIME(6) NULL,
  PRIMARY KEY (id),
  UNIQUE KEY uq_pool_tenants_slug (slug),
  UNIQUE KEY uq_pool_tenants_claimed_as (claimed_as),
  KEY ix_pool_tenants_state (state, fleet, id)
) ENGINE=InnoDB COMMENT='tenants that were made before anybody asked for them';
