A computed column becomes one with a default that differs from row to row.
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, g VARCHAR(40) AS (CONCAT('x', a)) VIRTUAL, CONSTRAINT k CHECK (g <> ''));
-- data
INSERT INTO t (id, a) VALUES (1, 1), (2, 2);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, g VARCHAR(40) NOT NULL DEFAULT (UUID()), CONSTRAINT k CHECK (g <> ''));
-- expect mariadb
alter_table: ALTER TABLE `t` DROP CONSTRAINT `k`, DROP COLUMN `g`, ADD COLUMN `g` varchar(40) NOT NULL DEFAULT uuid(), ADD CONSTRAINT `k` CHECK (`g` <> '')
  lost: column `t`.`g` with its values
  reason: column `t`.`g`: no server turns a column from or into VIRTUAL: it is dropped and added again; check `t`.`k`: added again, because a column that it looks at is dropped and added; fails while a row violates it
  found: 2 rows of `t` lose the value of `g`, e.g. `id` 1
-- expect mysql
alter_table: ALTER TABLE `t` DROP CHECK `k`, DROP COLUMN `g`, ADD COLUMN `g` varchar(40) COLLATE utf8mb4_unicode_ci NULL DEFAULT NULL, ADD CONSTRAINT `k` CHECK ((`g` <> _utf8mb4''))
  lost: column `t`.`g` with its values
  reason: column `t`.`g`: no server turns a column from or into VIRTUAL: it is dropped and added again; check `t`.`k`: added again, because a column that it looks at is dropped and added; fails while a row violates it
  found: 2 rows of `t` lose the value of `g`, e.g. `id` 1
backfill_column: UPDATE `t` SET `g` = (uuid()) WHERE `g` IS NULL
  reason: MySQL adds no column with a default that differs from row to row: rows that exist get theirs by this statement
modify_column: ALTER TABLE `t` MODIFY COLUMN `g` varchar(40) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT (uuid())
  reason: column `t`.`g`: fails while a row holds NULL
