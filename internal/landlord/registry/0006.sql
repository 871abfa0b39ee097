-- Version 6 of the landlord database: programs belong to owner accounts.

CREATE TABLE IF NOT EXISTS landlord_settings (
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB COMMENT='what stays as it was when this database was made';

-- Fingerprints tell one account as the definer of every program, whoever it is: the one that all were made with until now.
INSERT IGNORE INTO landlord_settings (name, value) VALUES ('definer', CURRENT_USER());
