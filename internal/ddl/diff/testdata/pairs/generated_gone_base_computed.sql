A computed column goes, and what it is computed of gets a default that is an expression.
-- before
CREATE TABLE t (id INT PRIMARY KEY, g VARCHAR(20) AS (a & 7) VIRTUAL, a INT, KEY k (g));
-- after
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(40) DEFAULT (CONCAT('a', 'b')));
-- expect mariadb
alter_table: ALTER TABLE `t` DROP INDEX `k`, DROP COLUMN `g`, MODIFY COLUMN `a` varchar(40) DEFAULT concat('a','b')
  reason: column `t`.`g`: its values are computed and come back with the column
-- expect mysql
alter_table: ALTER TABLE `t` DROP INDEX `k`, DROP COLUMN `g`, MODIFY COLUMN `a` varchar(40) COLLATE utf8mb4_unicode_ci DEFAULT (concat(_utf8mb4'a',_utf8mb4'b'))
  reason: column `t`.`g`: its values are computed and come back with the column
