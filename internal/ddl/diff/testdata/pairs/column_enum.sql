-- Values of enumerations are appended and reordered
-- before
CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'b'), f ENUM('a', 'b'), s SET('x', 'y'));
-- data
INSERT INTO t VALUES (1, 'a', 'b', 'x,y');
-- after
CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'b', 'c'), f ENUM('b', 'a'), s SET('x', 'y', 'z'));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `e` enum('a','b','c') DEFAULT NULL, MODIFY COLUMN `f` enum('b','a') DEFAULT NULL, MODIFY COLUMN `s` set('x','y','z') DEFAULT NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `e` enum('a','b','c') COLLATE utf8mb4_unicode_ci DEFAULT NULL, MODIFY COLUMN `f` enum('b','a') COLLATE utf8mb4_unicode_ci DEFAULT NULL, MODIFY COLUMN `s` set('x','y','z') COLLATE utf8mb4_unicode_ci DEFAULT NULL
