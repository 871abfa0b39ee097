-- A default that differs from row to row
-- before
CREATE TABLE t (id INT PRIMARY KEY, touched DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
-- data
INSERT INTO t (id) VALUES (1), (2);
-- after
CREATE TABLE t (id INT PRIMARY KEY, touched DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, u CHAR(36) NOT NULL DEFAULT (UUID()), r DOUBLE DEFAULT (RAND()), n VARCHAR(36) DEFAULT (UUID()), UNIQUE KEY (u));
-- expect mariadb
alter_table: ALTER TABLE `t` ADD COLUMN `u` char(36) NOT NULL DEFAULT uuid(), ADD COLUMN `r` double DEFAULT rand(), ADD COLUMN `n` varchar(36) DEFAULT uuid(), ADD UNIQUE KEY `u` (`u`)
-- expect mysql
add_column: ALTER TABLE `t` ADD COLUMN `u` char(36) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL, ADD COLUMN `r` double NULL DEFAULT NULL, ADD COLUMN `n` varchar(36) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL
backfill_column: UPDATE `t` SET `n` = (uuid()), `touched` = `touched` WHERE `n` IS NULL
  reason: MySQL adds no column with a default that differs from row to row: rows that exist get theirs by this statement
backfill_column: UPDATE `t` SET `r` = (rand()), `touched` = `touched` WHERE `r` IS NULL
  reason: MySQL adds no column with a default that differs from row to row: rows that exist get theirs by this statement
backfill_column: UPDATE `t` SET `u` = (uuid()), `touched` = `touched` WHERE `u` IS NULL
  reason: MySQL adds no column with a default that differs from row to row: rows that exist get theirs by this statement
alter_table: ALTER TABLE `t` MODIFY COLUMN `u` char(36) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT (uuid()), MODIFY COLUMN `r` double DEFAULT (rand()), MODIFY COLUMN `n` varchar(36) COLLATE utf8mb4_unicode_ci DEFAULT (uuid()), ADD UNIQUE KEY `u` (`u`)
