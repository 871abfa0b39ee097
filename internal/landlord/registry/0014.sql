-- Version 14 of the landlord database: the schema that a tenant has when it begins
-- to move, by which what was set aside comes back.

ALTER TABLE tenant_moves
  ADD COLUMN start_schema VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'fingerprint';
