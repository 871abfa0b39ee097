-- Not every text is JSON
-- before
CREATE TABLE t (id INT PRIMARY KEY, j TEXT);
-- data
INSERT INTO t VALUES (1, '{"a": 1}'), (2, 'no');
-- after
CREATE TABLE t (id INT PRIMARY KEY, j JSON);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`))
  reason: column `t`.`j`: fails while a row violates it; its collation changes from utf8mb4_unicode_ci to utf8mb4_bin
  found: 1 row of `t` violates check `j`, e.g. `id` 2
refused: 4025: ALTER TABLE `t` MODIFY COLUMN `j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`))
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `j` json DEFAULT NULL
  reason: column `t`.`j`: values are converted from text to json
  found: 1 row of `t` violates the new type of `j`: no json, e.g. `id` 2
refused: 3140: ALTER TABLE `t` MODIFY COLUMN `j` json DEFAULT NULL
