-- Bits become numbers and other bits
-- before
CREATE TABLE a (id INT PRIMARY KEY, v BIT(1), w BIT(16), x BIT(40), y BIT(64));
CREATE TABLE b (id INT PRIMARY KEY, v BIT(16));
CREATE TABLE c (id INT PRIMARY KEY, v BIT(16));
CREATE TABLE d (id INT PRIMARY KEY, v BIT(64));
-- data
INSERT INTO a VALUES (1, 1, 65535, 1, 18446744073709551615);
INSERT INTO b VALUES (1, 256);
INSERT INTO c VALUES (1, 256);
INSERT INTO d VALUES (1, 18446744073709551615);
-- after
CREATE TABLE a (id INT PRIMARY KEY, v TINYINT(1), w SMALLINT UNSIGNED, x DECIMAL(20,2), y BIGINT UNSIGNED);
CREATE TABLE b (id INT PRIMARY KEY, v TINYINT UNSIGNED);
CREATE TABLE c (id INT PRIMARY KEY, v BIT(8));
CREATE TABLE d (id INT PRIMARY KEY, v BIGINT);
-- expect mariadb
modify_column: ALTER TABLE `a` MODIFY COLUMN `v` tinyint(1) DEFAULT NULL, MODIFY COLUMN `w` smallint(5) unsigned DEFAULT NULL, MODIFY COLUMN `x` decimal(20,2) DEFAULT NULL, MODIFY COLUMN `y` bigint(20) unsigned DEFAULT NULL
modify_column: ALTER TABLE `b` MODIFY COLUMN `v` tinyint(3) unsigned DEFAULT NULL
  reason: column `b`.`v`: a strict server refuses values outside 0 to 255
  found: 1 row of `b` violates the new type of `v`: outside 0 to 255, e.g. `id` 1
modify_column: ALTER TABLE `c` MODIFY COLUMN `v` bit(8) DEFAULT NULL
  reason: column `c`.`v`: a strict server refuses values outside 0 to 255
  found: 1 row of `c` violates the new type of `v`: outside 0 to 255, e.g. `id` 1
modify_column: ALTER TABLE `d` MODIFY COLUMN `v` bigint(20) DEFAULT NULL
  reason: column `d`.`v`: a strict server refuses values outside 0 to 9223372036854775807
  found: 1 row of `d` violates the new type of `v`: outside 0 to 9223372036854775807, e.g. `id` 1
refused: 1264: ALTER TABLE `b` MODIFY COLUMN `v` tinyint(3) unsigned DEFAULT NULL
refused: 1406: ALTER TABLE `c` MODIFY COLUMN `v` bit(8) DEFAULT NULL
refused: 1264: ALTER TABLE `d` MODIFY COLUMN `v` bigint(20) DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `a` MODIFY COLUMN `v` tinyint(1) DEFAULT NULL, MODIFY COLUMN `w` smallint unsigned DEFAULT NULL, MODIFY COLUMN `x` decimal(20,2) DEFAULT NULL, MODIFY COLUMN `y` bigint unsigned DEFAULT NULL
modify_column: ALTER TABLE `b` MODIFY COLUMN `v` tinyint unsigned DEFAULT NULL
  reason: column `b`.`v`: a strict server refuses values outside 0 to 255
  found: 1 row of `b` violates the new type of `v`: outside 0 to 255, e.g. `id` 1
modify_column: ALTER TABLE `c` MODIFY COLUMN `v` bit(8) DEFAULT NULL
  reason: column `c`.`v`: a strict server refuses values outside 0 to 255
  found: 1 row of `c` violates the new type of `v`: outside 0 to 255, e.g. `id` 1
modify_column: ALTER TABLE `d` MODIFY COLUMN `v` bigint DEFAULT NULL
  reason: column `d`.`v`: a strict server refuses values outside 0 to 9223372036854775807
  found: 1 row of `d` violates the new type of `v`: outside 0 to 9223372036854775807, e.g. `id` 1
refused: 1264: ALTER TABLE `b` MODIFY COLUMN `v` tinyint unsigned DEFAULT NULL
refused: 1406: ALTER TABLE `c` MODIFY COLUMN `v` bit(8) DEFAULT NULL
refused: 1264: ALTER TABLE `d` MODIFY COLUMN `v` bigint DEFAULT NULL
