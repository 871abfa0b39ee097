-- Version 9 of the landlord database: to what a rollout brings each tenant, and
-- since when a tenant is in its fleet.

ALTER TABLE rollout_tenants
  ADD COLUMN to_template VARCHAR(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'that it is to get; NULL: recorded before version 9' AFTER from_modules,
  ADD COLUMN to_modules JSON NULL AFTER to_template;

ALTER TABLE fleet_tenants
  ADD COLUMN joined_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'or claimed, by the last apply that was to make it';
