-- Version 5 of the landlord database: fleets of tenants.

CREATE TABLE IF NOT EXISTS fleet_tenants (
  tenant_slug VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'also of a tenant that is about to be made',
  fleet VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (tenant_slug),
  KEY ix_fleet_tenants_fleet (fleet)
) ENGINE=InnoDB COMMENT='tenants that one resource manages together';
