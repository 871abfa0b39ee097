-- An enumeration becomes a text and back
-- before
CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'bbbb'), v VARCHAR(10));
-- after
CREATE TABLE t (id INT PRIMARY KEY, e VARCHAR(10), v ENUM('a', 'bbbb'));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `e` varchar(10) DEFAULT NULL
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` enum('a','bbbb') DEFAULT NULL
  lost: values that are no enum('a','bbbb') of `t`.`v`
  reason: column `t`.`v`: values are converted from varchar(10) to enum('a','bbbb'); values are converted from varchar(10) to enum('a','bbbb'), or refused
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `e` varchar(10) COLLATE utf8mb4_unicode_ci DEFAULT NULL
modify_column: ALTER TABLE `t` MODIFY COLUMN `v` enum('a','bbbb') COLLATE utf8mb4_unicode_ci DEFAULT NULL
  lost: values that are no enum('a','bbbb') of `t`.`v`
  reason: column `t`.`v`: values are converted from varchar(10) to enum('a','bbbb'); values are converted from varchar(10) to enum('a','bbbb'), or refused
