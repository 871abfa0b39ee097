-- Columns in another order move as few as possible
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c INT, d INT);
-- after
CREATE TABLE t (id INT PRIMARY KEY, d INT, c INT, a INT, b INT);
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `d` int(11) DEFAULT NULL AFTER `id`, MODIFY COLUMN `c` int(11) DEFAULT NULL AFTER `d`
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `d` int DEFAULT NULL AFTER `id`, MODIFY COLUMN `c` int DEFAULT NULL AFTER `d`
