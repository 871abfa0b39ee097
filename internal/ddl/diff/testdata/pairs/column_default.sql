-- Defaults change, come and go
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT DEFAULT 1, b DATETIME, c VARCHAR(10) DEFAULT 'x', d INT DEFAULT 0, e TIMESTAMP NULL);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT DEFAULT 2, b DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, c VARCHAR(10), d INT DEFAULT -5, e TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3));
-- expect mariadb
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` int(11) DEFAULT 2, MODIFY COLUMN `b` datetime DEFAULT current_timestamp() ON UPDATE current_timestamp(), MODIFY COLUMN `c` varchar(10) DEFAULT NULL, MODIFY COLUMN `d` int(11) DEFAULT -5
modify_column: ALTER TABLE `t` MODIFY COLUMN `e` timestamp(3) NOT NULL DEFAULT current_timestamp(3)
  reason: column `t`.`e`: fails while a row holds NULL; a strict server refuses dates without a month or a day
-- expect mysql
modify_column: ALTER TABLE `t` MODIFY COLUMN `a` int DEFAULT '2', MODIFY COLUMN `b` datetime DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, MODIFY COLUMN `c` varchar(10) COLLATE utf8mb4_unicode_ci DEFAULT NULL, MODIFY COLUMN `d` int DEFAULT '-5'
modify_column: ALTER TABLE `t` MODIFY COLUMN `e` timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)
  reason: column `t`.`e`: fails while a row holds NULL; a strict server refuses dates without a month or a day
