-- A text gets the check that makes it JSON
-- servers mariadb
-- options probes may be wrong: MariaDB does not look at rows when only the check of a column changes
-- before
CREATE TABLE t (id INT PRIMARY KEY, a LONGTEXT COLLATE utf8mb4_bin);
-- data
INSERT INTO t VALUES (1, '{}'), (2, 'no');
-- after
CREATE TABLE t (id INT PRIMARY KEY, a JSON);
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`a`))
  reason: column `t`.`a`: fails while a row violates it
  found: 1 row of `t` violates check `a`, e.g. `id` 2
