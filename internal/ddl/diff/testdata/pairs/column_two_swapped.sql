-- Two columns exchange their names: each one changes its type
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(10));
-- after
CREATE TABLE t (id INT PRIMARY KEY, b INT, a VARCHAR(10));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` varchar(10) DEFAULT NULL AFTER `id`
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` int(11) DEFAULT NULL, MODIFY COLUMN `a` varchar(10) DEFAULT NULL
  lost: the spelling of numbers of `t`.`b`
  reason: column `t`.`b`: values are converted from varchar(10) to int(11); a strict server refuses values outside -2147483648 to 2147483647; a number is kept, not how it was written; column `t`.`a`: a strict server refuses values longer than 10 characters
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` varchar(10) COLLATE utf8mb4_unicode_ci DEFAULT NULL AFTER `id`
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` int DEFAULT NULL, MODIFY COLUMN `a` varchar(10) COLLATE utf8mb4_unicode_ci DEFAULT NULL
  lost: the spelling of numbers of `t`.`b`
  reason: column `t`.`b`: values are converted from varchar(10) to int; a strict server refuses values outside -2147483648 to 2147483647; a number is kept, not how it was written; column `t`.`a`: a strict server refuses values longer than 10 characters
