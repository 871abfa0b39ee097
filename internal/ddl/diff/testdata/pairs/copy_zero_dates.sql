A server that copies a table looks at the dates of columns that stay what they are.
-- before
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, d DATE NOT NULL, at DATETIME NULL, v VARCHAR(10));
CREATE TABLE u (id INT NOT NULL PRIMARY KEY, d DATE NOT NULL, v VARCHAR(10));
-- data
SET sql_mode = 'STRICT_TRANS_TABLES';
INSERT INTO t VALUES (1, '2020-01-01', '2020-00-10 00:00:00', '1'), (2, '0000-00-00', NULL, '2');
INSERT INTO u VALUES (1, '0000-00-00', '1');
SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
-- after
CREATE TABLE t (id INT NOT NULL PRIMARY KEY, d DATE NOT NULL, at DATETIME NULL, v INT);
CREATE TABLE u (id INT NOT NULL PRIMARY KEY, d DATE NOT NULL, v VARCHAR(10), w INT);
-- expect mariadb
add_column: ALTER TABLE `u` ADD COLUMN `w` int(11) DEFAULT NULL
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int(11) DEFAULT NULL
  lost: the spelling of numbers of `t`.`v`
  reason: column `t`.`v`: values are converted from varchar(10) to int(11); a strict server refuses values outside -2147483648 to 2147483647; a number is kept, not how it was written
  found: 1 row of `t` cannot be copied: `d` holds a date without a month or a day, e.g. `id` 2
  found: 1 row of `t` cannot be copied: `at` holds a date without a month or a day, e.g. `id` 1
refused: 1292: ALTER TABLE `t` MODIFY COLUMN `v` int(11) DEFAULT NULL
-- expect mysql
add_column: ALTER TABLE `u` ADD COLUMN `w` int DEFAULT NULL
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int DEFAULT NULL
  lost: the spelling of numbers of `t`.`v`
  reason: column `t`.`v`: values are converted from varchar(10) to int; a strict server refuses values outside -2147483648 to 2147483647; a number is kept, not how it was written
  found: 1 row of `t` cannot be copied: `d` holds a date without a month or a day, e.g. `id` 2
  found: 1 row of `t` cannot be copied: `at` holds a date without a month or a day, e.g. `id` 1
refused: 1292: ALTER TABLE `t` MODIFY COLUMN `v` int DEFAULT NULL
