-- A column behind the others
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(20) NOT NULL DEFAULT 'x');
-- expect mariadb
add_column: ALTER TABLE `t` ADD COLUMN `b` varchar(20) NOT NULL DEFAULT 'x'
-- expect mysql
add_column: ALTER TABLE `t` ADD COLUMN `b` varchar(20) COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'x'
