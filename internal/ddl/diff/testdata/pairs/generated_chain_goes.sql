Two computed columns go, one of them computed of the other, and what the first is computed of changes.
-- before
CREATE TABLE t (id INT PRIMARY KEY, c INT, g1 INT AS (c + 1), g2 INT AS (g1 + 1), KEY k (g2));
-- after
CREATE TABLE t (id INT PRIMARY KEY, c VARCHAR(40) DEFAULT (CONCAT('a', 'b')));
-- expect mariadb
alter_table: ALTER TABLE `t` DROP INDEX `k`, DROP COLUMN `g1`, DROP COLUMN `g2`, MODIFY COLUMN `c` varchar(40) DEFAULT concat('a','b')
  reason: column `t`.`g1`: its values are computed and come back with the column; column `t`.`g2`: its values are computed and come back with the column
-- expect mysql
alter_table: ALTER TABLE `t` DROP INDEX `k`, DROP COLUMN `g1`, DROP COLUMN `g2`, MODIFY COLUMN `c` varchar(40) COLLATE utf8mb4_unicode_ci DEFAULT (concat(_utf8mb4'a',_utf8mb4'b'))
  reason: column `t`.`g1`: its values are computed and come back with the column; column `t`.`g2`: its values are computed and come back with the column
