-- Defaults that are expressions
-- before
CREATE TABLE t (id INT PRIMARY KEY, a INT);
-- after
CREATE TABLE t (id INT PRIMARY KEY, a INT DEFAULT (1 + 2), d DATE DEFAULT (CURRENT_DATE), v VARCHAR(30) DEFAULT (CONCAT('a,b', '(')), x TEXT DEFAULT ('long'), j JSON DEFAULT (JSON_ARRAY()));
-- expect mariadb
alter_table: ALTER TABLE `t` MODIFY COLUMN `a` int(11) DEFAULT (1 + 2), ADD COLUMN `d` date DEFAULT curdate(), ADD COLUMN `v` varchar(30) DEFAULT concat('a,b','('), ADD COLUMN `x` text DEFAULT 'long', ADD COLUMN `j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT json_array() CHECK (json_valid(`j`))
-- expect mysql
alter_table: ALTER TABLE `t` MODIFY COLUMN `a` int DEFAULT ((1 + 2)), ADD COLUMN `d` date DEFAULT (curdate()), ADD COLUMN `v` varchar(30) COLLATE utf8mb4_unicode_ci DEFAULT (concat(_utf8mb4'a,b',_utf8mb4'(')), ADD COLUMN `x` text COLLATE utf8mb4_unicode_ci DEFAULT (_utf8mb4'long'), ADD COLUMN `j` json DEFAULT (json_array())
