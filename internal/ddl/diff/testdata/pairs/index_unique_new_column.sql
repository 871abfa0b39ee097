-- A unique key over a new column that is the same for all rows
-- before
CREATE TABLE t (id INT PRIMARY KEY);
-- data
INSERT INTO t VALUES (1), (2);
-- after
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(10) NOT NULL DEFAULT '', UNIQUE KEY uc (c));
-- expect mariadb
alter_table: ALTER TABLE `t` ADD COLUMN `c` varchar(10) NOT NULL DEFAULT '', ADD UNIQUE KEY `uc` (`c`)
  reason: index `t`.`uc`: fails while there are two rows, which would hold the same new values
  found: 2 rows of `t` violate unique key `uc`: all would hold the same new values (a script can fill them before the key comes), e.g. `id` 1
refused: 1062: ALTER TABLE `t` ADD COLUMN `c` varchar(10) NOT NULL DEFAULT '', ADD UNIQUE KEY `uc` (`c`)
-- expect mysql
alter_table: ALTER TABLE `t` ADD COLUMN `c` varchar(10) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '', ADD UNIQUE KEY `uc` (`c`)
  reason: index `t`.`uc`: fails while there are two rows, which would hold the same new values
  found: 2 rows of `t` violate unique key `uc`: all would hold the same new values (a script can fill them before the key comes), e.g. `id` 1
refused: 1062: ALTER TABLE `t` ADD COLUMN `c` varchar(10) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '', ADD UNIQUE KEY `uc` (`c`)
