-- Two columns exchange their names: each one changes its type
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(10));
-- after
CREATE TABLE t (id INT PRIMARY KEY, b INT, a VARCHAR(10));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` varchar(10) DEFAULT NULL AFTER `id`
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` int(11) DEFAULT NULL, MODIFY COLUMN `a` varchar(10) DEFAULT NULL
  lost: values that are no int(11) of `t`.`b`; values longer than 10 characters of `t`.`a`
  reason: column `t`.`b`: values are converted from varchar(10) to int(11); column `t`.`a`: a strict server refuses values longer than 10 characters, but cuts spaces at the end
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` varchar(10) COLLATE utf8mb4_unicode_ci DEFAULT NULL AFTER `id`
modify_column: ALTER TABLE `t` MODIFY COLUMN `b` int DEFAULT NULL, MODIFY COLUMN `a` varchar(10) COLLATE utf8mb4_unicode_ci DEFAULT NULL
  lost: values that are no int of `t`.`b`; values longer than 10 characters of `t`.`a`
  reason: column `t`.`b`: values are converted from varchar(10) to int; column `t`.`a`: a strict server refuses values longer than 10 characters, but cuts spaces at the end
