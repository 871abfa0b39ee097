-- NOT NULL and back, with and without defaults
-- before
CREATE TABLE t (id INT PRIMARY KEY, v INT, w INT NOT NULL, x VARCHAR(5) NOT NULL DEFAULT 'q');
-- after
CREATE TABLE t (id INT PRIMARY KEY, v INT NOT NULL, w INT, x VARCHAR(5));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int(11) NOT NULL, MODIFY COLUMN `w` int(11) DEFAULT NULL, MODIFY COLUMN `x` varchar(5) DEFAULT NULL
  reason: column `t`.`v`: fails while a row holds NULL
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` int NOT NULL, MODIFY COLUMN `w` int DEFAULT NULL, MODIFY COLUMN `x` varchar(5) COLLATE utf8mb4_unicode_ci DEFAULT NULL
  reason: column `t`.`v`: fails while a row holds NULL
