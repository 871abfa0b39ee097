-- A compressed column
-- servers mariadb
-- before
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(500), b TEXT COMPRESSED);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(500) COMPRESSED, b TEXT);
-- expect
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` varchar(500) COMPRESSED DEFAULT NULL, MODIFY COLUMN `b` text DEFAULT NULL
