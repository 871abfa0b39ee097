-- A column between others, and one before all
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT);
-- after
CREATE TABLE t (z INT, id INT PRIMARY KEY, b INT NOT NULL DEFAULT 1, c INT, a INT);
-- expect mariadb
add_column: ALTER TABLE `t` ADD COLUMN `z` int(11) DEFAULT NULL FIRST, ADD COLUMN `b` int(11) NOT NULL DEFAULT 1 AFTER `id`, ADD COLUMN `c` int(11) DEFAULT NULL AFTER `b`
-- expect mysql
add_column: ALTER TABLE `t` ADD COLUMN `z` int DEFAULT NULL FIRST, ADD COLUMN `b` int NOT NULL DEFAULT '1' AFTER `id`, ADD COLUMN `c` int DEFAULT NULL AFTER `b`
